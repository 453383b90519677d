"""Advice for one model: what to apply, where, why, and what to expect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from graftwork.architecture import Architecture
from graftwork.diagnosis import Diagnosis, site_features
from graftwork.guidelines.bundled import bundled_guidelines
from graftwork.guidelines.guideline import Guideline, Verdict
from graftwork.guidelines.guidelines import Guidelines
from graftwork.problem import Score
from graftwork.study import Interval
from graftwork.variation import OPERATORS, Site


@dataclass(frozen=True)
class Advice:
    """One piece of advice.

    Attributes:
        operator: Name of the operator.
        site: Where.
        verdict: Whether to do or to avoid it.
        expect: Expected change of each aim that a guideline speaks of.
        because: The guidelines behind it.
    """

    operator: str
    site: Site
    verdict: Verdict
    expect: Mapping[str, Interval]
    because: tuple[Guideline, ...]


def advise(
    architecture: Architecture,
    diagnosis: Diagnosis,
    scores: Mapping[str, Score],
    guidelines: Guidelines | None = None,
) -> list[Advice]:
    """What guidelines say of every operator at every site of a model, best first.

    Ranked by the sum of expected changes of skill, fewer parameters breaking ties; places of which no
    guideline speaks are left out.

    Args:
        architecture: Of the model.
        diagnosis: Of the model.
        scores: Of the model, on validation rows.
        guidelines: What was learnt; the bundled guidelines unless told.
    """
    learnt = guidelines or bundled_guidelines()
    advice = [
        _at(operator.name, site, features, learnt)
        for operator in OPERATORS.values()
        for site in operator.sites(architecture)
        for features in [site_features(architecture, diagnosis, scores, site)]
        if learnt.matching(operator.name, features)
    ]
    return sorted(advice, key=_rank, reverse=True)


def _at(operator: str, site: Site, features: Mapping[str, float], guidelines: Guidelines) -> Advice:
    because = tuple(guidelines.matching(operator, features).values())
    expect = guidelines.expected(operator, features)
    verdict: Verdict = "do" if _gain(expect) > 0 or (_gain(expect) == 0 and _shrinks(expect)) else "avoid"
    return Advice(operator, site, verdict, expect, because)


def _gain(expect: Mapping[str, Interval]) -> float:
    return sum(change.median for response, change in expect.items() if response.startswith("skill:"))


def _shrinks(expect: Mapping[str, Interval]) -> bool:
    return "parameters" in expect and expect["parameters"].median < 0


def _rank(advice: Advice) -> tuple[float, float]:
    parameters = advice.expect.get("parameters")
    return _gain(advice.expect), -parameters.median if parameters else 0.0

"""Operator and site in proportion to what the guidelines expect of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from graftwork.diagnosis import focus, site_features
from graftwork.guidelines import Guidelines
from graftwork.problem import Score
from graftwork.search.archive import Archive, Point, compactness, gain
from graftwork.search.policies._base import Choice, Situation, uniform_choice
from graftwork.trial import Outcome

FLOOR = 0.2
_QUANTILES = (-1.28, -0.52, 0.0, 0.52, 1.28)
Expectation = tuple[tuple[str, float], ...]


class GuidedPolicy:
    """Draws in proportion to the gain in hypervolume that the guidelines lead one to expect, with a floor
    for exploration.

    The expected child of a choice is its parent, moved by what the most specific guideline expects for each
    aim; where none speaks, nothing moves. Around it the study's spread of single applications is laid,
    since what one child does may better or worsen the front by chance alone. One draw in five is uniform.

    Args:
        guidelines: What was learnt. Without any the policy is the random one.
    """

    name: ClassVar[str] = "guided"
    needs_diagnosis: ClassVar[bool] = True

    def __init__(self, guidelines: Guidelines) -> None:
        self.guidelines = guidelines

    def choose(self, situation: Situation, rng: np.random.Generator) -> Choice:
        """An operator and a site."""
        outcome, options = situation.parent.outcome, situation.options()
        if not self.guidelines.guidelines or outcome.diagnosis is None or rng.random() < FLOOR:
            return uniform_choice(options, rng)
        expectations = self._expectations(situation, options)
        gains = {e: self._gain(situation, dict(e)) for e in set(expectations)}
        weights = np.array([gains[e] for e in expectations]) / _sites_of_operator(options)
        if weights.sum() <= 0:
            return uniform_choice(options, rng)
        return options[int(rng.choice(len(options), p=weights / weights.sum()))]

    def _expectations(self, situation: Situation, options: list[Choice]) -> list[Expectation]:
        architecture, outcome = situation.parent.architecture, situation.parent.outcome
        assert outcome.diagnosis is not None
        # Features are of the network that a site is about, which many sites share.
        places = [focus(architecture, choice.site) for choice in options]
        sites = dict(zip(places, (choice.site for choice in options), strict=True))
        features = {
            place: site_features(architecture, outcome.diagnosis, outcome.scores, site)
            for place, site in sites.items()
        }
        return [
            self._expected(choice.operator.name, features[place])
            for choice, place in zip(options, places, strict=True)
        ]

    def _expected(self, operator: str, features: Mapping[str, float]) -> Expectation:
        expected = self.guidelines.expected(operator, features)
        return tuple(sorted((aim, change.median) for aim, change in expected.items()))

    def _gain(self, situation: Situation, expected: dict[str, float]) -> float:
        """Mean gain in hypervolume over the quantiles of the spread, all skills moving together."""
        archive, outcome = situation.archive, situation.parent.outcome
        front = [member.point for member in archive.members]
        children = [
            _moved(outcome, archive, expected, self.guidelines.spread, deviation) for deviation in _QUANTILES
        ]
        return float(np.mean([gain(front, child) for child in children]))


def _sites_of_operator(options: list[Choice]) -> np.ndarray:
    """How many sites the operator of each option has: an operator is not better for having many."""
    names = [choice.operator.name for choice in options]
    return np.array([names.count(name) for name in names], dtype=float)


def _moved(
    outcome: Outcome,
    archive: Archive,
    expected: dict[str, float],
    spread: Mapping[str, float],
    deviation: float,
) -> Point:
    assert outcome.complexity is not None
    skills = [_moved_skill(score, expected, spread, deviation) for _, score in sorted(outcome.scores.items())]
    parameters = outcome.complexity.parameters * math.exp(expected.get("parameters", 0.0))
    return (*skills, compactness(parameters, archive.space))


def _moved_skill(
    score: Score, expected: dict[str, float], spread: Mapping[str, float], deviation: float
) -> float:
    response = f"skill:{score.kind}"
    moved = score.decision_skill + expected.get(response, 0.0) + deviation * spread.get(response, 0.0)
    return min(max(moved, 0.0), 1.0)

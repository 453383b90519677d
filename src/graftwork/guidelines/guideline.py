"""A guideline: when, do or avoid what, what to expect, and why."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from graftwork.diagnosis import FEATURES
from graftwork.errors import InputError
from graftwork.study import Interval

Verdict = Literal["do", "avoid"]


@dataclass(frozen=True, slots=True, order=True)
class Condition:
    """A threshold on one feature of a site (`diagnosis.FEATURES`)."""

    feature: str
    relation: Literal[">=", "<"]
    threshold: float

    def holds(self, features: Mapping[str, float]) -> bool:
        """Whether it holds at a site; where the feature is not known, it does not."""
        value = features.get(self.feature)
        if value is None:
            return False
        return value >= self.threshold if self.relation == ">=" else value < self.threshold

    def __str__(self) -> str:
        meaning = FEATURES.get(self.feature, self.feature)
        if self.threshold == 0.5 and (
            self.feature.startswith(("reaches_", "is_")) or self.feature == "exclusive"
        ):
            return meaning if self.relation == ">=" else f"it is not so that {meaning}"
        return f"{meaning} {'at least' if self.relation == '>=' else 'below'} {self.threshold:.2f}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a guideline rests on: records of the half of the parents that took no part in finding it."""

    records: int
    parents: int
    problems: tuple[str, ...]
    p: float
    q: float


@dataclass(frozen=True)
class Guideline:
    """What a study says of an operator.

    Attributes:
        operator: Name of the operator.
        verdict: Whether to do or to avoid it, for the sake of `aim`.
        aim: `skill:<kind>` or `parameters`.
        when: Conditions on the site, all of which must hold; at most three.
        expect: Expected change of every response: skill, or the logarithm of the ratio of parameters.
        because: The evidence for the change of `aim`.
    """

    operator: str
    verdict: Verdict
    aim: str
    when: tuple[Condition, ...]
    expect: Mapping[str, Interval]
    because: Evidence

    def __post_init__(self) -> None:
        if self.aim not in self.expect:
            known = ", ".join(self.expect) or "nothing"
            raise InputError(f"a guideline for the sake of '{self.aim}' must expect it, but expects {known}")

    def applies(self, operator: str, features: Mapping[str, float]) -> bool:
        """Whether it speaks of this operator at a site with these features."""
        return operator == self.operator and all(condition.holds(features) for condition in self.when)

    def sentence(self) -> str:
        """The guideline in English."""
        when = "Where " + " and ".join(str(condition) for condition in self.when) if self.when else "Anywhere"
        aim = "fewer parameters" if self.aim == "parameters" else f"{self.aim.removeprefix('skill:')}"
        expected = expectation(self.aim, self.expect[self.aim])
        others = "; ".join(expectation(k, v) for k, v in self.expect.items() if k != self.aim)
        evidence = self.because
        return (
            f"{when}: {self.verdict} {self.operator.replace('_', ' ')} for the sake of {aim}. "
            f"Expect {expected}{f' (and {others})' if others else ''}. "
            f"Because of {evidence.records} records of {evidence.parents} parents on "
            f"{', '.join(evidence.problems)}; q = {evidence.q:.2g}."
        )


def expectation(response: str, change: Interval) -> str:
    """An expected change in English, with its 95 % interval."""
    values = (change.median, change.low, change.high)
    if response.startswith("skill:"):
        kind = response.removeprefix("skill:")
        median, low, high = (_signed(value, 3) for value in values)
        return f"{kind} skill {median} [{low}, {high}]"
    median, low, high = (_signed(100 * math.expm1(value), 0) for value in values)
    return f"{response} {median} % [{low} %, {high} %]"


def _signed(value: float, digits: int) -> str:
    """With its sign, but none before what rounds to zero."""
    text = f"{value:+.{digits}f}"
    return text[1:] if float(text) == 0 else text

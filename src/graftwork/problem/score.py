"""How good a prediction is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Score:
    """The errors of a prediction and its skill, 1 - error / error of the trivial baseline.

    A skill of 1 is perfect, 0 is the trivial baseline, negative is worse than that. The skill of a
    generation output can pass 1 a little, because its error is unbiased and may fall below zero.

    Attributes:
        kind: Kind of the output.
        metric: Name of the primary metric, for people to read.
        value: Its error; lower is better.
        skill: Its skill.
        decision: Name of the metric that decisions read; a proper score.
        decision_value: Its error.
        decision_skill: Its skill.
        metrics: Every error of the kind by name, lower being better, and what else was asked for, of which
            `METRICS` says unit and direction.
    """

    kind: str
    metric: str
    value: float
    skill: float
    decision: str
    decision_value: float
    decision_skill: float
    metrics: Mapping[str, float]

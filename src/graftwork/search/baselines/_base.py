"""What a searched model is held against, and how it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from graftwork.problem import Problem, Score
from graftwork.search.settings import SearchSettings

LEVEL = 0.01
"""Differences in skill up to here are called level."""


@dataclass(frozen=True)
class Baseline:
    """How a rival of the searched model did.

    Attributes:
        name: Name of the rival.
        scores: On the test split; outputs that the rival cannot answer are left out.
        parameters: Of all its networks together; None where it is not made of networks.
    """

    name: str
    scores: Mapping[str, Score]
    parameters: int | None


class Rival(Protocol):
    """Something ordinary that answers a problem, or some of its outputs."""

    @property
    def name(self) -> str:
        """How it is known."""
        ...

    @property
    def title(self) -> str:
        """What people call it."""
        ...

    @property
    def says(self) -> str:
        """What it is, in half a sentence."""
        ...

    def fit(self, problem: Problem, *, parameters: int, settings: SearchSettings, seed: int) -> Baseline:
        """Train it, decide on validation rows, and score it once on the test split.

        Args:
            problem: What is to be answered.
            parameters: Of the searched model.
            settings: Of the search; networks are trained as its best model is in the end.
            seed: Root of every random draw.
        """
        ...


def skill_gaps(scores: Mapping[str, Score], baseline: Baseline) -> dict[str, float]:
    """Skill of a model minus that of a baseline on the same rows, of the outputs that the baseline answers.

    Example:
        >>> score = Score("regression", "mse", 0.5, 0.5, "mse", 0.5, 0.5, {})
        >>> better = Score("regression", "mse", 0.25, 0.75, "mse", 0.25, 0.75, {})
        >>> skill_gaps({"size": score, "kind": better}, Baseline("boosting", {"size": better}, None))
        {'size': -0.25}
    """
    return {name: scores[name].skill - score.skill for name, score in baseline.scores.items()}

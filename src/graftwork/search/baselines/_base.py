"""What a searched model is held against, and how it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from graftwork.problem import Problem, Score
from graftwork.search.settings import SearchSettings


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
        """What people call it, in the plural."""
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


@dataclass(frozen=True)
class Against:
    """Outputs by how a model does beside a baseline.

    Attributes:
        better: More skill, by more than what is level.
        level: Neither.
        worse: Less skill.
    """

    better: tuple[str, ...]
    level: tuple[str, ...]
    worse: tuple[str, ...]


def against(scores: Mapping[str, Score], baseline: Baseline, *, level: float = 0.01) -> Against:
    """How a model does beside a baseline, on the outputs that it answers.

    Args:
        scores: Of the model, by output, on the same rows.
        baseline: What it is held against.
        level: Difference in skill up to which two are level.
    """
    gaps = {name: scores[name].skill - score.skill for name, score in baseline.scores.items()}
    return Against(
        better=tuple(name for name, gap in gaps.items() if gap > level),
        level=tuple(name for name, gap in gaps.items() if -level <= gap <= level),
        worse=tuple(name for name, gap in gaps.items() if gap < -level),
    )


def losses(scores: Mapping[str, Score], baseline: Baseline) -> dict[str, float]:
    """By how much skill a baseline does better than a model, where it is more than 0.01.

    Example:
        >>> score = Score("regression", "mse", 0.5, 0.5, "mse", 0.5, 0.5, {})
        >>> better = Score("regression", "mse", 0.25, 0.75, "mse", 0.25, 0.75, {})
        >>> losses({"size": score}, Baseline("boosting", {"size": better}, None))
        {'size': 0.25}
    """
    return {
        name: baseline.scores[name].skill - scores[name].skill for name in against(scores, baseline).worse
    }

"""One candidate from parent to scores: the unit of work that runs on a worker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from graftwork.architecture import Architecture, SearchSpace
from graftwork.diagnosis import Diagnosis
from graftwork.errors import InputError
from graftwork.evaluation import Complexity
from graftwork.problem import Problem, Score
from graftwork.training import TrainingOptions
from graftwork.variation import Site

Status = Literal["done", "diverged", "refused", "failed"]


@dataclass(frozen=True)
class Parent:
    """A model to start from.

    Attributes:
        architecture: Its graph.
        weights: Its weights, as safetensors.
        scores: Of its outputs on validation rows, judged within the same run; outputs that a trial does not
            affect keep them.
    """

    architecture: Architecture
    weights: bytes = field(repr=False)
    scores: Mapping[str, Score] = field(default_factory=dict)


@dataclass(frozen=True)
class Application:
    """An operator to apply at a site of the parent."""

    operator: str
    site: Site
    seed: int


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What to do for one candidate; equal trials have equal outcomes.

    Attributes:
        problem: What the candidate answers.
        space: Where architectures are drawn from and whose limits hold.
        root: Seed of the run.
        candidate: What tells this candidate's random draws from those of others.
        steps: Budget of training steps.
        parent: What it descends from; none for a random architecture.
        application: What is done to the parent; none for a random architecture.
        trainable: Networks to train instead of the affected ones (a study's control).
        diagnose: Whether its parts are diagnosed.
        options: How it is trained.
    """

    problem: Problem
    space: SearchSpace
    root: int
    candidate: str
    steps: int
    parent: Parent | None = None
    application: Application | None = None
    trainable: frozenset[str] | None = None
    diagnose: bool = False
    options: TrainingOptions = field(default_factory=TrainingOptions)

    def __post_init__(self) -> None:
        if (self.parent is None) != (self.application is None):
            given = "a parent" if self.parent else "an application"
            raise InputError(
                f"trial {self.candidate!r}: parent and application go together, only {given} came"
            )


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a trial; without weights, so that it can be kept as JSON.

    Attributes:
        status: `done`; `diverged` (a loss was not finite), `refused` (by the operator) or `failed` have no
            scores.
        reason: Why it was not done, or why training ended.
        architecture: The candidate; none where the operator refused.
        trained: Networks that were trained.
        scores: Of every output, on validation rows.
        complexity: Of the architecture.
        diagnosis: Where it was asked for.
        steps: Training steps spent; of one that failed, those it was given, so that a budget in steps comes
            to its end also where all fail.
        seconds: Wall time of the whole trial.
        training_seconds: The part of it that training took.
    """

    status: Status
    reason: str
    architecture: Architecture | None = None
    trained: frozenset[str] = frozenset()
    scores: dict[str, Score] = field(default_factory=dict)
    complexity: Complexity | None = None
    diagnosis: Diagnosis | None = None
    steps: int = 0
    seconds: float = 0.0
    training_seconds: float = 0.0


@dataclass(frozen=True)
class Result:
    """An outcome and the weights of the candidate, as safetensors (empty where it was not done)."""

    outcome: Outcome
    weights: bytes = field(repr=False, default=b"")

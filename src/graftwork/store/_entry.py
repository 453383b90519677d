"""One row of a run, with what is told of it in columns of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """The score of one output on one split.

    Attributes:
        split: Rows that it was scored on, such as "validation".
        output: Name of the output.
        kind: Kind of the output.
        metric: Name of the primary metric.
        value: Its error.
        skill: Its skill.
        decision: Name of the metric that decisions read.
        decision_value: Its error.
        decision_skill: Its skill.
        metrics: Every error by name.
    """

    split: str
    output: str
    kind: str
    metric: str
    value: float
    skill: float
    decision: str
    decision_value: float
    decision_skill: float
    metrics: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure of one component, as a diagnosis finds it.

    Attributes:
        component: Name of the component.
        output: The output that it is about, if it is about one.
        metric: What was measured.
        value: The figure.
        error: Its standard error.
    """

    component: str
    output: str | None
    metric: str
    value: float
    error: float


@dataclass(frozen=True)
class Milestone:
    """Where a run stands after a candidate.

    Attributes:
        evaluations: Candidates so far, this one among them.
        steps: Training steps spent on them.
        seconds: Seconds of work spent on them, over all workers.
        hypervolume: Of the front.
    """

    evaluations: int
    steps: int
    seconds: float
    hypervolume: float


@dataclass(frozen=True, kw_only=True)
class Place:
    """A place on the front.

    Attributes:
        number: Of the candidate that has it.
        objectives: What it is judged by.
    """

    number: int
    objectives: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Brief:
    """What a viewer lists of a candidate; `Details` says what its attributes are."""

    number: int
    status: str
    reason: str | None
    parent: int | None
    operator: str | None
    steps: int | None
    seconds: float | None
    joined: bool
    displaced_by: int | None
    objectives: tuple[float, ...] | None


@dataclass(frozen=True, kw_only=True)
class Details:
    """What columns tell of a candidate; whatever is not known stays None.

    Attributes:
        arm: Which of the searches that share a run, such as "guided/3"; empty where there is one.
        number: Its place in its arm, from 0.
        parent: Number of its parent.
        founder: Number of the random architecture that it descends from; its own where it is one.
        operator: Name of the operator that made it.
        site: Where that was applied, as JSON holds it.
        seed: Seed of the application.
        architecture: Its architecture, as JSON holds it.
        hash: What equal architectures have in common.
        steps: Training steps that it cost.
        seconds: Seconds of work that it cost.
        training_seconds: The part of them that training took.
        evaluations: Scores of its outputs.
        diagnosis: How good its parts are.
        joined: Whether it joined the front when it came.
        displaced_by: Number of the candidate that displaced it from the front; None where it is there still,
            or never was.
        objectives: What it is judged by, as the front is made of; None where it was not done.
        standing: Where the run stood after it.
    """

    arm: str = ""
    number: int | None = None
    parent: int | None = None
    founder: int | None = None
    operator: str | None = None
    site: Mapping[str, Any] | None = None
    seed: int | None = None
    architecture: Mapping[str, Any] | None = None
    hash: str | None = None
    steps: int | None = None
    seconds: float | None = None
    training_seconds: float | None = None
    evaluations: tuple[Evaluation, ...] = ()
    diagnosis: tuple[Figure, ...] = ()
    joined: bool = False
    displaced_by: int | None = None
    objectives: tuple[float, ...] | None = None
    standing: Milestone | None = None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What a run keeps of one finished piece of work.

    Attributes:
        key: Its name, unique in the run.
        status: How it ended, such as "done" or "failed".
        reason: Why it ended so, where that needs saying.
        payload: What was found and has no column, as JSON holds it: lists for tuples.
        weights: The hash under which its weights lie, if it has any.
        details: What has columns.
    """

    key: str
    status: str
    reason: str | None
    payload: dict[str, Any]
    weights: str | None
    details: Details = field(default_factory=Details)


@dataclass(frozen=True, kw_only=True)
class RecordEntry:
    """One line of a study.

    Attributes:
        key: Its name, unique in the run.
        payload: The whole record, as JSON holds it.
    """

    key: str
    payload: dict[str, Any]

"""What an engine is given, for a balancer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tests.training.problems import ARCHITECTURE, PROBLEM, make_model

from graftwork.problem import Problem
from graftwork.training import Balancer
from graftwork.training.engines import Task
from graftwork.variation import affected_outputs


def task_of(
    balancer: Balancer, *, part: frozenset[str] = ARCHITECTURE.network_names, beta: float | None = None
) -> Task:
    """Training a part of the small model with an output of each kind."""
    outputs = tuple(sorted(affected_outputs(ARCHITECTURE, part)))
    return Task(
        model=make_model(),
        problem=_with_beta(beta),
        part=part,
        outputs=outputs,
        looked_at=PROBLEM.validation,
        batch_size=64,
        seed=0,
        balance=balancer.start(outputs, steps=None),
        known={},
        known_at_look={},
    )


def _with_beta(beta: float | None) -> Problem:
    changed: Mapping[str, object] = {"picture": replace(PROBLEM.outputs["picture"], beta=beta)}
    return replace(PROBLEM, outputs={**PROBLEM.outputs, **changed})

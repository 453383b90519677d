"""Records whose truth is planted."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from graftwork.study import Record

KINDS = {"label": "classification", "sample": "generation"}


def record(
    parent: int,
    effects: Mapping[str, float],
    *,
    trial: int = 0,
    operator: str = "clone_network",
    features: Mapping[str, float] | None = None,
    complexity: Mapping[str, float] | None = None,
    affected: frozenset[str] | None = None,
    status: str = "done",
    problem: str = "planted",
) -> Record:
    """A record of an operator; all of its outputs are affected unless told."""
    return Record(
        problem=problem,
        parent=parent,
        trial=trial,
        operator=operator,
        site=("n0",),
        layer=None,
        features=dict(features or {}),
        complexity=dict(complexity or {}),
        effects=dict(effects),
        kinds={name: KINDS[name] for name in (effects or KINDS)},
        affected=frozenset(effects) if affected is None else affected,
        status=status,
        steps=10,
    )


def clustered(
    seed: int, *, parents: int = 20, trials: int = 5, effect: float = 0.0, operator: str = "clone_network"
) -> list[Record]:
    """An effect under noise, most of which the records of a parent have in common."""
    rng = np.random.default_rng([seed, 1])
    own = rng.normal(size=parents)
    return [
        record(parent, {"label": effect + own[parent] + 0.3 * rng.normal()}, trial=trial, operator=operator)
        for parent in range(parents)
        for trial in range(trials)
    ]

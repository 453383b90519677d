"""Metrics held against planted truth and against deletions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graftwork.diagnosis import ALL_METRICS, diagnose
from graftwork.runtime import integer_seed
from graftwork.testing.diagnosis.areas import areas
from graftwork.testing.diagnosis.deletions import (
    Deletion,
    correlations,
    costly_areas,
    delete_parts,
    repeatability,
)
from graftwork.testing.diagnosis.plants import PLANTS

Progress = Callable[[int, int], None]
GOAL = 0.95
# What two trainings of one model differ by.
_NOISE = 0.01


@dataclass(frozen=True)
class Truth:
    """What metrics made of planted truth.

    Attributes:
        models: Models a kind.
        seed: Root of every draw.
        found: By kind and metric, the area in each model.
        deletions: What outputs lost with networks.
        asked: How many networks were deleted.
    """

    models: int
    seed: int
    found: dict[str, dict[str, list[float]]] = field(repr=False)
    deletions: list[Deletion] = field(repr=False)
    asked: int

    @property
    def auc(self) -> dict[str, dict[str, float]]:
        """By kind and metric, the mean over models of the area within a model."""
        return {
            kind: {metric: float(np.mean(each)) for metric, each in found.items()}
            for kind, found in self.found.items()
        }

    @property
    def best(self) -> dict[str, str]:
        """By kind, the metric that tells it best; the first one of equals."""
        return {kind: max(table, key=lambda name: table[name]) for kind, table in self.auc.items()}

    @property
    def missed(self) -> tuple[str, ...]:
        """Kinds that no metric tells with an area of 0.95."""
        return tuple(kind for kind, metric in self.best.items() if self.auc[kind][metric] < GOAL)

    def payload(self) -> dict[str, Any]:
        """All of it as JSON values."""
        return {
            "seed": self.seed,
            "models": self.models,
            "goal": GOAL,
            "best_auc": {kind: self.auc[kind][metric] for kind, metric in self.best.items()},
            "best_metric": self.best,
            "auc": self.auc,
            "auc_error": {
                kind: {metric: _error(each) for metric, each in found.items()}
                for kind, found in self.found.items()
            },
            "deletions": self._deletions(),
        }

    def _deletions(self) -> dict[str, Any]:
        outputs = sorted({each.output for each in self.deletions})
        within = [each.cost <= each.at_most + _NOISE for each in self.deletions]
        return {
            "networks": self.asked,
            "costs": len(self.deletions),
            "models": len({each.model for each in self.deletions}),
            "within_at_most": float(np.mean(within)) if within else None,
            "median_cost": float(np.median([each.cost for each in self.deletions])) if within else None,
            "repeatability": repeatability(self.deletions),
            "costly_auc": costly_areas(self.deletions),
            "metrics": correlations(self.deletions, self.seed),
            "by_output": {
                output: correlations([each for each in self.deletions if each.output == output], self.seed)
                for output in outputs
            },
        }


def check_diagnosis(models: int, deletions: int, seed: int, *, progress: Progress | None = None) -> Truth:
    """Plant every kind of part in so many models each, and delete so many networks of others.

    Args:
        models: Models a kind.
        deletions: Networks to delete, each in a copy of a random model of its own.
        seed: Root of every draw; the same seed, the same figures.
        progress: Told how many of all pieces of work are done.

    Example:
        >>> truth = check_diagnosis(models=1, deletions=0, seed=0)
        >>> truth.auc["dead"]["dead_units"]
        1.0
    """
    total, tell = models * len(PLANTS) + deletions, progress or (lambda done, total: None)
    found: dict[str, dict[str, list[float]]] = {kind: {} for kind in PLANTS}
    done = 0
    for kind, plant in PLANTS.items():
        for number in range(models):
            draw = integer_seed(seed, f"{kind}/{number}", "planted truth")
            planted = plant(draw)
            diagnosis = diagnose(planted.model, planted.problem, metrics=ALL_METRICS, seed=draw, spread=True)
            for metric, value in areas(planted, diagnosis).items():
                found[kind].setdefault(metric, []).append(value)
            done += 1
            tell(done, total)
    begun = done
    deleted = delete_parts(deletions, seed, lambda count: tell(begun + count, total))
    return Truth(models, seed, found, deleted, deletions)


def _error(values: list[float]) -> float:
    return float(np.std(values, ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0

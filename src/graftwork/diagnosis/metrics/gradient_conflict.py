"""Whether the outputs that share a component pull it apart."""

from __future__ import annotations

from functools import partial
from itertools import combinations_with_replacement
from typing import ClassVar

import numpy as np
from torch import Tensor

from graftwork.diagnosis._diagnosis import Finding
from graftwork.diagnosis._metric import MetricInfo
from graftwork.diagnosis._statistics import Array, jackknife, row_blocks
from graftwork.diagnosis.subject import FOLDS, Subject


class GradientConflict:
    """Cosine between the gradients of two outputs' losses, and for each output the worst of them.

    By the parameters of a network, and by what it gives where it has none; by what a connection carries.
    `gradient_cosine` is about a pair of outputs, `a / b`, that both depend on the component: -1 where what
    helps one harms the other as much. `gradient_conflict` is minus the least cosine of an output with any
    other; 0 where it shares the component with none. The error is the jackknife's over folds of rows.

    Source: Yu et al., "Gradient surgery for multi-task learning" (NeurIPS 2020).
    """

    infos: ClassVar[tuple[MetricInfo, ...]] = (
        MetricInfo(
            "gradient_cosine",
            "cosine",
            "neither",
            "cosine of two outputs' gradients by it",
            "pair of outputs",
        ),
        MetricInfo(
            "gradient_conflict",
            "cosine",
            "more in conflict",
            "minus the least cosine of the output's gradient with another's",
        ),
    )

    def measure(self, subject: Subject) -> list[Finding]:
        """Findings for every component."""
        return [finding for name in subject.differentiated for finding in _of(subject, name)]


def _of(subject: Subject, name: str) -> list[Finding]:
    products = _products(subject, name)
    cosines = {pair: jackknife(partial(_cosine, *three), len(three[0])) for pair, three in products.items()}
    pairs = [Finding(name, f"{a} / {b}", "gradient_cosine", *cosine) for (a, b), cosine in cosines.items()]
    worst = [
        min((cosine for pair, cosine in cosines.items() if output in pair), default=(0.0, 0.0))
        for output in subject.outputs
    ]
    return pairs + [
        Finding(name, output, "gradient_conflict", 0.0 - value, error)
        for output, (value, error) in zip(subject.outputs, worst, strict=True)
    ]


def _products(subject: Subject, name: str) -> dict[tuple[str, str], tuple[Array, Array, Array]]:
    """By pair of outputs, the inner products of their gradients with each other's and their own, by folds."""
    weights, rows = subject.gradients.weights.get(name), subject.gradients.rows.get(name, {})
    places = {output: place for place, output in enumerate(weights.outputs if weights else rows)}
    between = {
        (a, b): weights.products[places[a], places[b]] if weights else _of_rows(rows[a], rows[b])
        for a, b in combinations_with_replacement([o for o in subject.outputs if o in places], 2)
    }
    return {(a, b): (both, between[a, a], between[b, b]) for (a, b), both in between.items() if a != b}


def _of_rows(first: Tensor, second: Tensor) -> Array:
    # Two folds of rows are given different numbers: their gradients have nothing to do with each other.
    by_row = (first * second).sum(dim=1).double().cpu().numpy()
    return np.diag([by_row[block].sum() for block in row_blocks(len(by_row), FOLDS, 1)])


def _cosine(both: Array, one: Array, other: Array, chosen: Array) -> float:
    dot, first, second = (float(chosen @ product @ chosen) for product in (both, one, other))
    return float(np.clip(dot / (first * second) ** 0.5, -1.0, 1.0)) if min(first, second) > 0.0 else 0.0

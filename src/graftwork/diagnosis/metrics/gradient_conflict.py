"""Whether the outputs that share a component pull it apart."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import combinations
from typing import ClassVar

import numpy as np
from torch import Tensor

from graftwork.diagnosis._diagnosis import Finding
from graftwork.diagnosis._metric import MetricInfo
from graftwork.diagnosis._statistics import Array, error_of_mean
from graftwork.diagnosis._weight_gradients import WeightGradients
from graftwork.diagnosis.subject import Subject


class GradientConflict:
    """Cosine between the gradients of two outputs' losses, and for each output the worst of them.

    By the parameters of a network, and by what it gives where it has none; by what a connection carries.
    `gradient_cosine` is about a pair of outputs, `a / b`, that both depend on the component: -1 where what
    helps one harms the other as much. `gradient_conflict` is minus the least cosine of an output with any
    other; 0 where it shares the component with none. The error is that of the first order, over rows (of a
    module, over folds of rows).

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
    cosines = _cosines(subject, name)
    pairs = [Finding(name, f"{a} / {b}", "gradient_cosine", *cosine) for (a, b), cosine in cosines.items()]
    worst = [
        min((cosine for pair, cosine in cosines.items() if output in pair), default=(0.0, 0.0))
        for output in subject.outputs
    ]
    return pairs + [
        Finding(name, output, "gradient_conflict", 0.0 - value, error)
        for output, (value, error) in zip(subject.outputs, worst, strict=True)
    ]


def _cosines(subject: Subject, name: str) -> dict[tuple[str, str], tuple[float, float]]:
    """Of every two outputs that depend on a component, with their errors."""
    weights, rows = subject.gradients.weights.get(name), subject.gradients.rows.get(name, {})
    outputs = weights.outputs if weights else tuple(rows)
    pairs = combinations([output for output in subject.outputs if output in outputs], 2)
    find = partial(_by_weights, weights) if weights else partial(_by_rows, rows)
    return {(a, b): find(a, b) for a, b in pairs}


def _by_weights(gradients: WeightGradients, a: str, b: str) -> tuple[float, float]:
    p, q = (gradients.outputs.index(output) for output in (a, b))
    products, by = gradients.products
    # A sample is part of both gradients.
    both = by[:, p, q] + by[:, q, p]
    sizes = ((products[each, each], 2 * by[:, each, each]) for each in (p, q))
    return _cosine(gradients.samples, (products[p, q], both), *sizes)


def _by_rows(gradients: Mapping[str, Tensor], a: str, b: str) -> tuple[float, float]:
    # Two rows are given different numbers: their gradients have nothing to do with each other.
    pairs = ((gradients[p] * gradients[q]).sum(dim=1) for p, q in ((a, b), (a, a), (b, b)))
    both, one, other = (pair.double().cpu().numpy() for pair in pairs)
    rows = len(both)
    return _cosine(rows, *((float(by.sum()), rows * by) for by in (both, one, other)))


def _cosine(
    samples: int, both: tuple[float, Array], one: tuple[float, Array], other: tuple[float, Array]
) -> tuple[float, float]:
    """By inner products, and by what samples give these times their number; its error to first order (delta
    method).
    """
    size = (max(one[0], 0.0) * max(other[0], 0.0)) ** 0.5
    if size <= 0.0:
        return 0.0, 0.0
    cosine = float(np.clip(both[0] / size, -1.0, 1.0))
    moved = both[1] / size - cosine / 2 * (one[1] / one[0] + other[1] / other[0])
    return cosine, error_of_mean(moved, samples)

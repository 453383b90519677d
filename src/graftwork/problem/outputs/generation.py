"""Generation: arrays to sample anew."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from statistics import fmean
from typing import Any, ClassVar, Self
from weakref import ref

import numpy as np
import torch
from torch import Tensor

from graftwork.errors import InputError
from graftwork.problem._arrays import Array, numeric_rows, present_rows, refuse_non_finite
from graftwork.problem._random import generator
from graftwork.problem._standardiser import Standardiser
from graftwork.problem._weights import Weights, effective
from graftwork.problem._whitening import Whitening
from graftwork.problem.energy import Sample
from graftwork.problem.outputs._base import Kind, Output
from graftwork.problem.outputs._squares import mean_squares, numeric_present

# Quadratic cost: 1,000 rows a side take milliseconds and leave a standard error far below any effect.
_JUDGED_ROWS = 1000
_MARGINAL_ROWS = 4096
# One draw of the baseline errs by 1.2 % on digits; the mean of four by half of that.
_BASELINE_DRAWS = 4
# Residual variance that the default beta assumes, in units of the mean variance of a feature. On digits, ten
# random models of 300 steps: median skill of samples 0.00 at 0.5, 0.17 at 0.25, 0.29 at 0.125.
_RESIDUAL_VARIANCE = 0.125


@dataclass(frozen=True)
class Generation(Output):
    """An array to sample anew: an image, a row.

    A row with a NaN in any place is missing. Encoded targets are float32 (rows, width): centred per
    feature by the training mean and divided by one scale, the root of the mean variance, so that predicting
    the mean costs 1 (vectors, whose columns differ in unit, are divided by the deviation of each column).
    Predictions are encoded the same way; `decode` gives back arrays in the user's units. For a *loss*,
    prediction and target are paired rows; for `errors` the prediction is a sample of its own, of any size.

    Metric: `energy_distance`, unbiased, between generated and held-out rows, at most 1,000 of each, in
    coordinates whitened on training rows: projected on their principal axes, each divided by its deviation
    or, where that is larger, by the root of a twentieth of the mean variance. The figure is the mean of the
    distance over all axes and of the distances over blocks of them, by falling variance: the first, the
    second, the next two, four, eight and so on. Plain features hardly show how they depend on each other
    (independent marginals score nearly as well as real rows), and all axes at once can be met by noise of
    the right size, in which nothing can be seen. Székely and Rizzo (see `energy_distance`) standardise by
    the sample covariance; floor and blocks are ours. The error may fall slightly below zero for a perfect
    generator, and like any two-sample distance it does not mind rows copied from training. Its trivial
    baseline samples each feature independently from its marginal over training rows.

    Attributes:
        shape: Shape of an array; taken from the data when None.
        beta: Weight of the Kullback-Leibler divergence of a row beside `loss`. The default is 2 * 0.125 /
            width: with a Gaussian likelihood of residual variance s2, minus the log likelihood of a row is
            width / (2 * s2) times the mean squared error, so dividing both terms by that factor leaves
            2 * s2 / width before the divergence; s2 = 0.125 is an eighth of the variance of the data.

    Example:
        >>> output = Generation().fitted(np.array([[0.0, 0.0], [2.0, 4.0]]))
        >>> output.encode(np.array([[2.0, 2.0]])).tolist(), output.beta
        ([[1.0, 0.0]], 0.125)
    """

    kind: ClassVar[Kind] = "generation"
    primary: ClassVar[str] = "energy_distance"
    decision: ClassVar[str] = "energy_distance"

    shape: tuple[int, ...] | None = None
    beta: float | None = None
    standardiser: Standardiser | None = None
    marginals: Tensor | None = field(default=None, compare=False, repr=False)
    whitening: Whitening | None = field(default=None, compare=False, repr=False)

    @property
    def width(self) -> int:
        """Numbers in an array."""
        return 0 if self.shape is None else math.prod(self.shape)

    def tidy(self, target: Array) -> Array:
        """Arrays (rows, *shape), finite or missing."""
        rows = numeric_rows(target)
        if self.shape is not None and rows.shape[1:] != tuple(self.shape):
            raise InputError(f"expected arrays of shape {tuple(self.shape)}, came {rows.shape[1:]}")
        refuse_non_finite(rows, allow_missing=True)
        return rows

    def fitted(self, target: Array, weights: Weights | None = None) -> Self:
        """Shape, centre, scale, axes and marginals of training rows, and beta where none is declared."""
        rows = self.tidy(target)
        kept = effective(weights, present_rows(rows))
        rows, weights = rows[kept], None if weights is None else weights[kept]
        if not len(rows):
            raise InputError("the target is missing in every training row")
        standardiser = Standardiser.fit(rows, weights=weights)
        if not standardiser.deviation.any():
            raise InputError("the array is the same in every training row; there is nothing to generate")
        beta = _checked_beta(
            2 * _RESIDUAL_VARIANCE / standardiser.centre.size if self.beta is None else self.beta
        )
        some = _some(rows, _MARGINAL_ROWS) if weights is None else _drawn(rows, weights, _MARGINAL_ROWS)
        marginals = standardiser.encode(some)
        shape = tuple(rows.shape[1:])
        return replace(
            self,
            shape=shape,
            beta=beta,
            standardiser=standardiser,
            marginals=marginals,
            whitening=Whitening.fit(
                standardiser.encode(rows), None if weights is None else torch.from_numpy(weights)
            ),
        )

    def encode(self, target: Array) -> Tensor:
        """Encoded rows (rows, width), NaN where missing."""
        return self._fit().encode(self.tidy(target))

    def decode(self, prediction: Tensor) -> Array:
        """Arrays (rows, *shape) in the user's units."""
        return self._fit().decode(prediction)

    def present(self, target: Tensor) -> Tensor:
        """Where no number of the row is NaN."""
        return numeric_present(target)

    def loss(self, prediction: Tensor, target: Tensor, *, complete: bool = False) -> Tensor:
        """Reconstruction: mean squared error over features; 1 on average for the training mean."""
        return mean_squares(prediction, target, complete=complete)

    def errors(self, prediction: Tensor, target: Tensor, weights: Tensor | None = None) -> dict[str, float]:
        """Energy distance between a generated sample (any rows, width) and the target's rows."""
        if self.whitening is None:
            raise InputError("this output is not fitted; take it from a problem's `outputs`")
        generated = Sample(self.whitening.blocks(_some_rows(prediction.detach(), _JUDGED_ROWS)))
        return {"energy_distance": fmean(generated.distances(_held_out(target, self.whitening, weights)))}

    def trivial(self, rows: int, random: np.random.Generator) -> Tensor:
        """Each feature drawn independently from its values in training rows."""
        if self.marginals is None:
            raise InputError("this output is not fitted; take it from a problem's `outputs`")
        picks = torch.from_numpy(random.integers(len(self.marginals), size=(rows, self.width)))
        return self.marginals.gather(0, picks)

    def baseline(self, target: Tensor, weights: Tensor | None = None) -> dict[str, float]:
        """Energy distance of independent marginals, the mean of four samples of 1,000 rows."""
        random = generator("baseline")
        samples = [self.trivial(_JUDGED_ROWS, random) for _ in range(_BASELINE_DRAWS)]
        draws = [self.errors(sample, target, weights) for sample in samples]
        return {name: float(np.mean([draw[name] for draw in draws])) for name in draws[0]}

    def _fit(self) -> Standardiser:
        if self.standardiser is None:
            raise InputError("this output is not fitted; take it from a problem's `outputs`")
        return self.standardiser


# A target is judged against many times over: by the identity of its parts, as long as all live.
_SAMPLES: dict[tuple[int, ...], tuple[list[ref[Any]], Sample]] = {}


def _held_out(target: Tensor, whitening: Whitening, weights: Tensor | None = None) -> Sample:
    """The rows of a target that generated ones are held against."""
    parts = [target, whitening, *([] if weights is None else [weights])]
    key = tuple(map(id, parts))
    known = _SAMPLES.get(key)
    if known and all(kept() is part for kept, part in zip(known[0], parts, strict=True)):
        return known[1]
    present = numeric_present(target)
    if weights is None:
        sample = Sample(whitening.blocks(_some_rows(target[present], _JUDGED_ROWS)))
    else:
        present &= weights > 0
        rows, shares = (_some_rows(values[present], _JUDGED_ROWS) for values in (target, weights))
        sample = Sample(whitening.blocks(rows), shares)

    def forget(_: object) -> None:
        _SAMPLES.pop(key, None)

    _SAMPLES[key] = ([ref(part, forget) for part in parts], sample)
    return sample


def _checked_beta(beta: float) -> float:
    if not (math.isfinite(beta) and beta >= 0):
        raise InputError(f"beta: expected a finite number, 0 or greater, came {beta}")
    return float(beta)


def _some(rows: Array, limit: int) -> Array:
    if len(rows) <= limit:
        return rows
    return rows[np.sort(generator("subset").permutation(len(rows))[:limit])]


def _drawn(rows: Array, weights: Weights, count: int) -> Array:
    """Rows at even steps along the sum of weights, so that each occurs as often as its weight says."""
    bounds = np.cumsum(weights / weights.sum())
    places = np.searchsorted(bounds, (np.arange(count) + 0.5) / count)
    return rows[np.minimum(places, len(rows) - 1)]


def _some_rows(rows: Tensor, limit: int) -> Tensor:
    if len(rows) <= limit:
        return rows
    return rows[torch.from_numpy(np.sort(generator("subset").permutation(len(rows))[:limit]))]

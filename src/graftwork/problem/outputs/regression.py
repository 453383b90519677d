"""Regression: a vector of numbers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal, Self, get_args

import numpy as np
import torch
from torch import Tensor

from graftwork.errors import InputError
from graftwork.problem._arrays import Array, numeric_rows, present_rows, refuse_non_finite
from graftwork.problem._random import generator
from graftwork.problem._standardiser import Standardiser
from graftwork.problem._weights import Weights, effective
from graftwork.problem.outputs._base import Kind, Output
from graftwork.problem.outputs._means import weighted_mean
from graftwork.problem.outputs._squares import mean_squares, numeric_present
from graftwork.problem.signed_log import SignedLog

Scale = Literal["column", "shared"]
Transform = Literal["none", "signed_log", "auto"]


@dataclass(frozen=True)
class Regression(Output):
    """A number or a vector of numbers.

    A row with a NaN (or None) in any place is missing. Encoded targets are float32 (rows, width), each
    column centred over training rows and divided by a scale, and so are predictions; `decode` gives back
    the user's units.

    Metric: `mse`, the mean squared error on the *standardised* targets, over rows and columns; the trivial
    baseline, the training mean, is near 1.

    Attributes:
        width: Numbers a row; 0, or what the data say.
        transform: `signed_log` takes `SignedLog` of the numbers first, for those with a heavy tail, such as
            prices; `auto` does so for the columns whose training rows speak for it; `decode` undoes it. Loss
            and `mse` are those of the transformed numbers.
        scale: `column` divides each column by its own standard deviation, so that columns of any unit count
            alike. `shared` divides all by the root of the mean variance: for numbers of one unit, such as a
            histogram; error and skill then weigh columns by their variance, and skill is that of the mean
            squared error in the user's unit.

    Raises:
        InputError: A scale or a transform that is none of these.

    Example:
        >>> output = Regression().fitted(np.array([10.0, 20.0]))
        >>> output.encode(np.array([15.0, 20.0])).tolist()
        [[0.0], [1.0]]
    """

    kind: ClassVar[Kind] = "regression"
    primary: ClassVar[str] = "mse"
    decision: ClassVar[str] = "mse"

    width: int = 0
    scale: Scale = field(default="column", kw_only=True)
    standardiser: Standardiser | None = None
    transform: Transform = field(default="none", kw_only=True, repr=False)
    curve: SignedLog | None = field(default=None, kw_only=True, repr=False)

    def __post_init__(self) -> None:
        if self.transform not in get_args(Transform):
            raise InputError(
                f"transform: expected one of {', '.join(get_args(Transform))}; came {self.transform!r}"
            )
        if self.scale not in get_args(Scale):
            raise InputError(
                f"scale: expected 'column' (each by its own) or 'shared' (one for all), came {self.scale!r}"
            )

    def tidy(self, target: Array) -> Array:
        """Numbers (rows, width), finite or missing."""
        rows = numeric_rows(target)
        if rows.ndim != 2 or (self.width and rows.shape[1] != self.width):
            expected = f"(rows, {self.width})" if self.width else "(rows,) or (rows, width)"
            raise InputError(f"expected numbers of shape {expected}, came shape {rows.shape}")
        refuse_non_finite(rows, allow_missing=True)
        return rows

    def fitted(self, target: Array, weights: Weights | None = None) -> Self:
        """Centre and scale of training rows; a transform is judged by rows of any weight above 0 alike."""
        rows = self.tidy(target)
        kept = effective(weights, present_rows(rows))
        rows = rows[kept]
        if not len(rows):
            raise InputError("the target is missing in every training row")
        curve = self._fitted_curve(rows)
        standardiser = Standardiser.fit(
            curve.apply(rows) if curve else rows,
            one_scale=self.scale == "shared",
            weights=None if weights is None else weights[kept],
        )
        constant = np.flatnonzero(standardiser.deviation == 0)
        if len(constant):
            raise InputError(
                f"column {constant[0]} is {rows[0, constant[0]].item()} in every training row; "
                "drop it: there is nothing to predict"
            )
        return replace(self, width=rows.shape[1], standardiser=standardiser, curve=curve or None)

    def encode(self, target: Array) -> Tensor:
        """Standardised rows (rows, width), NaN where missing."""
        rows = self.tidy(target)
        return self._fit().encode(self.curve.apply(rows) if self.curve else rows)

    def decode(self, prediction: Tensor) -> Array:
        """Numbers (rows, width) in the user's units."""
        rows = self._fit().decode(prediction)
        return self.curve.undo(rows) if self.curve else rows

    def present(self, target: Tensor) -> Tensor:
        """Where no number of the row is NaN."""
        return numeric_present(target)

    def loss(self, prediction: Tensor, target: Tensor, *, complete: bool = False) -> Tensor:
        """Mean squared error of the standardised numbers; 1 on average for the training mean."""
        return mean_squares(prediction, target, complete=complete)

    def errors(self, prediction: Tensor, target: Tensor, weights: Tensor | None = None) -> dict[str, float]:
        """Mean squared error of the standardised numbers."""
        present = numeric_present(target)
        difference = prediction.detach()[present].double() - target[present].double()
        return {"mse": weighted_mean(difference.square(), None if weights is None else weights[present])}

    def trivial(self, rows: int, random: np.random.Generator) -> Tensor:
        """The training mean, which is encoded as zero."""
        return torch.zeros(rows, self.width)

    def baseline(self, target: Tensor, weights: Tensor | None = None) -> dict[str, float]:
        """Error of the training mean."""
        return self.errors(self.trivial(len(target), generator("baseline")), target, weights)

    def _fitted_curve(self, rows: Array) -> SignedLog | None:
        if self.transform == "none":
            return None
        return SignedLog.fit(rows, only_heavy=self.transform == "auto")

    def _fit(self) -> Standardiser:
        if self.standardiser is None:
            raise InputError("this output is not fitted; take it from a problem's `outputs`")
        return self.standardiser

"""A model input."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Self

from torch import Tensor

from graftwork.errors import InputError
from graftwork.problem._arrays import Array, numeric_rows, refuse_non_finite
from graftwork.problem._standardiser import Standardiser


@dataclass(frozen=True)
class Input:
    """A named input's rows: their shape and, once fitted, how they are standardised.

    Vectors are standardised column by column, images by the mean of each pixel and one common scale.

    Attributes:
        shape: Shape of a row, such as (4,) or (1, 8, 8) for (channels, height, width).

    Example:
        >>> Input((1, 8, 8)).width
        64
    """

    shape: tuple[int, ...]
    standardiser: Standardiser | None = None

    @property
    def width(self) -> int:
        """Numbers in a row."""
        return math.prod(self.shape)

    def tidy(self, rows: Array) -> Array:
        """Finite numbers (rows, *shape)."""
        numbers = numeric_rows(rows)
        refuse_non_finite(numbers, allow_missing=False)
        return numbers

    def fitted(self, rows: Array) -> Self:
        """This input with the centre and scale of training rows (rows, *shape)."""
        return replace(self, standardiser=Standardiser.fit(rows))

    def encode(self, rows: Array) -> Tensor:
        """Standardised float32 rows (rows, width).

        Raises:
            InputError: The input is not fitted, or rows have another shape.
        """
        if self.standardiser is None:
            raise InputError("this input is not fitted; take it from a problem's `inputs`")
        if tuple(rows.shape[1:]) != self.shape:
            raise InputError(f"expected rows of shape {self.shape}, came {tuple(rows.shape[1:])}")
        return self.standardiser.encode(rows)

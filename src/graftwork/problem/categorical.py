"""A categorical model input."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from graftwork.errors import InputError
from graftwork.problem._arrays import Array
from graftwork.problem._labels import tidy_labels

UNKNOWN = -1


@dataclass(frozen=True)
class Categorical:
    """An input of categories, such as a species: integers or text, one a row.

    They are encoded as codes from 0 on, in the sorted order of the training rows' categories; a category
    that training rows do not hold, or a missing one, is encoded as -1 and adds nothing in an embedding.

    Attributes:
        categories: Those of the training rows, once fitted.

    Example:
        >>> species = Categorical().fitted(np.array(["gentoo", "adelie", "adelie"]))
        >>> species.encode(np.array(["adelie", "gentoo", "king"])).flatten().tolist()
        [0.0, 1.0, -1.0]
    """

    categories: tuple[Any, ...] | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of a row: one code."""
        return (1,)

    @property
    def width(self) -> int:
        """Numbers in a row: one code."""
        return 1

    def tidy(self, rows: Array) -> Array:
        """Labels (rows,), integers or text; what is missing stays so."""
        tidy_labels(rows)  # refuses what is none
        return rows[:, 0] if rows.ndim == 2 else rows

    def fitted(self, rows: Array) -> Self:
        """This input with the categories of training rows."""
        labels, present = tidy_labels(rows)
        found = np.unique(labels[present])
        if len(found) < 2:
            raise InputError(
                f"expected two categories or more in the training rows, came {len(found)}; leave the input "
                "out"
            )
        return replace(self, categories=tuple(found.tolist()))

    def encode(self, rows: Array) -> Tensor:
        """Codes as float32 (rows, 1); -1 for what is unknown or missing.

        Raises:
            InputError: The input is not fitted.
        """
        if self.categories is None:
            raise InputError("this input is not fitted; take it from a problem's `inputs`")
        labels, present = tidy_labels(rows)
        codes = {category: code for code, category in enumerate(self.categories)}
        encoded = [
            codes.get(label, UNKNOWN) if there else UNKNOWN
            for label, there in zip(labels.tolist(), present.tolist(), strict=True)
        ]
        return torch.tensor(encoded, dtype=torch.float32)[:, None]

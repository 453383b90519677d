"""Rows of mixed columns as vectors to generate, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from graftwork.problem._arrays import Array
from graftwork.problem.tables.column import Column
from graftwork.problem.tables.encoding import Categories, pick

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class RowCode:
    """How a row is generated: its numbers as they are, then a number for each category.

    A row with a gap is missing. Read back, a number that is whole in every training row is rounded, and a
    category is the one whose number is greatest.

    Attributes:
        numbers: Columns of numbers, booleans and dates.
        whole: Whether the values of each are whole numbers.
        low: Least value of each in training rows; what is generated is held within.
        high: Greatest value of each.
        categories: Columns of categories; None where there are none.
    """

    numbers: tuple[str, ...]
    whole: tuple[bool, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    categories: Categories | None

    @classmethod
    def fit(cls, columns: Mapping[str, Column], names: list[str], train: Array) -> Self:
        """What training rows say of columns."""
        numbers = [name for name in names if columns[name].kind != "category"]
        texts = [name for name in names if columns[name].kind == "category"]
        values = [_present(columns[name].values[train]) for name in numbers]
        gaps = [columns[name].missing[train] for name in texts]
        present = train[~np.any(gaps, axis=0)] if texts else train
        return cls(
            numbers=tuple(numbers),
            whole=tuple(bool(np.array_equal(found, np.floor(found))) for found in values),
            low=tuple(float(found.min()) for found in values),
            high=tuple(float(found.max()) for found in values),
            categories=Categories.fit(pick(columns, texts), present) if texts else None,
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The columns in the order of the vector."""
        return self.numbers + (self.categories.names if self.categories else ())

    @property
    def width(self) -> int:
        """Numbers in a vector."""
        return len(self.numbers) + sum(len(levels) for _, levels in self._levels())

    def encode(self, columns: Mapping[str, Column]) -> Array:
        """Vectors (rows, width), NaN in every place of a row that has a gap."""
        parts = [columns[name].values[:, None] for name in self.numbers]
        if self.categories:
            parts.append(self.categories.encode(pick(columns, self.categories.names)))
        vectors = np.concatenate(parts, axis=1).astype(np.float64)
        gaps = np.any([columns[name].missing for name in self.names], axis=0)
        vectors[gaps] = np.nan
        return vectors

    def decode(self, vectors: Array) -> dict[str, Array]:
        """Columns of rows, booleans as 0 and 1, dates as days since 1970, by name."""
        columns: dict[str, Array] = {}
        for position, name in enumerate(self.numbers):
            values = np.clip(vectors[:, position], self.low[position], self.high[position])
            columns[name] = np.rint(values) if self.whole[position] else values
        start = len(self.numbers)
        for name, levels in self._levels():
            codes = vectors[:, start : start + len(levels)].argmax(axis=1)
            columns[name] = np.array(levels, dtype=object)[codes]
            start += len(levels)
        return columns

    def frame(self, vectors: Array) -> pd.DataFrame:
        """Generated vectors as a table."""
        import pandas as pd

        return pd.DataFrame(self.decode(vectors))

    def _levels(self) -> list[tuple[str, tuple[str, ...]]]:
        if self.categories is None:
            return []
        return list(zip(self.categories.names, self.categories.levels, strict=True))


def _present(values: Array) -> Array:
    return values[~np.isnan(values)]

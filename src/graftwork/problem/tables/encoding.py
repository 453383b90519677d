"""What fitted columns become numbers by: scikit-learn's transformers, made anew from what was fitted.

No fitted transformer is ever stored. What is kept of one are the few numbers and categories below; a few rows
made of them, to which the transformer is fitted, give it back the same, by its public interface alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from graftwork.problem._arrays import Array
from graftwork.problem.tables.column import Column, ColumnKind

# A category of fewer training rows than one in a hundred, at most a hundred rows, is rare; so is a single
# row.
_RARE_SHARE, _RARE_MOST = 100, 100
RARE = "(other)"


@dataclass(frozen=True)
class Numbers:
    """Numeric columns: gaps filled with the median of training rows, and told by an indicator each.

    The indicators come last, for those columns alone that have gaps in training rows. The input that they
    feed standardises them.

    Attributes:
        names: The columns.
        kinds: Their kinds.
        medians: What fills the gaps of each.
        gaps: Whether a column has gaps in training rows.
    """

    names: tuple[str, ...]
    kinds: tuple[ColumnKind, ...]
    medians: tuple[float, ...]
    gaps: tuple[bool, ...]

    @classmethod
    def fit(cls, columns: Sequence[Column], train: Array) -> Self:
        """What training rows say of columns, each with a value there."""
        imputer = _imputer().fit(_matrix(columns)[train])
        gaps = [bool(column.missing[train].any()) for column in columns]
        names, kinds = (tuple(getattr(column, key) for column in columns) for key in ("name", "kind"))
        return cls(names, kinds, tuple(imputer.statistics_.tolist()), tuple(gaps))

    def encode(self, columns: Sequence[Column]) -> Array:
        """Numbers (rows, columns + indicators)."""
        return np.asarray(self._transformer.transform(_matrix(columns)))

    @cached_property
    def _transformer(self) -> Any:
        medians = np.array(self.medians)
        return _imputer().fit(np.stack([medians, np.where(self.gaps, np.nan, medians)]))


@dataclass(frozen=True)
class Categories:
    """Columns of categories, one number for each that is frequent and one for all others.

    Attributes:
        names: The columns.
        frequent: Categories of each that get a number; "" stands for a missing value.
        rare: One of those of training rows that share a number, as do all unknown ones; "" is a missing value
            here too. None where no category is rare, and then an unknown one is all zeros.
    """

    names: tuple[str, ...]
    frequent: tuple[tuple[str, ...], ...]
    rare: tuple[str | None, ...]

    @classmethod
    def fit(cls, columns: Sequence[Column], train: Array) -> Self:
        """What training rows say of columns, each with two categories or more of which one is frequent."""
        encoder = _one_hot(rare_below(len(train))).fit(_matrix(columns)[train])
        rare = [set() if found is None else set(found.tolist()) for found in encoder.infrequent_categories_]
        frequent = [
            tuple(category for category in found.tolist() if category not in few)
            for found, few in zip(encoder.categories_, rare, strict=True)
        ]
        names = tuple(column.name for column in columns)
        return cls(names, tuple(frequent), tuple(min(few) if few else None for few in rare))

    @property
    def levels(self) -> tuple[tuple[str, ...], ...]:
        """What the numbers of each column stand for, in their order."""
        return tuple(
            frequent + (() if rare is None else (RARE,))
            for frequent, rare in zip(self.frequent, self.rare, strict=True)
        )

    def encode(self, columns: Sequence[Column]) -> Array:
        """Zeros and ones (rows, all categories)."""
        return np.asarray(self._transformer.transform(_matrix(columns)))

    @cached_property
    def _transformer(self) -> Any:
        # Twice is frequent, once is rare.
        listed = [
            [*frequent, *frequent, *([] if rare is None else [rare])]
            for frequent, rare in zip(self.frequent, self.rare, strict=True)
        ]
        rows = np.empty((max(map(len, listed)), len(listed)), dtype=object)
        for position, categories in enumerate(listed):
            rows[:, position] = categories + categories[:1] * (len(rows) - len(categories))
        return _one_hot(2).fit(rows)


@dataclass(frozen=True)
class Embedded:
    """A column of many categories, which goes to an embedding of its own.

    Attributes:
        name: The column.
        frequent: Categories that have a code of their own; every other is `RARE`.
    """

    name: str
    frequent: tuple[str, ...]

    @classmethod
    def fit(cls, column: Column, train: Array) -> Self:
        """The frequent categories of training rows."""
        found, counts = np.unique(column.values[train].astype(str), return_counts=True)
        enough = counts >= rare_below(len(train))
        return cls(column.name, tuple(found[enough & (found != "")].tolist()))

    def encode(self, column: Column) -> Array:
        """Labels (rows,) as objects: the category, `RARE` for one that is not frequent, None for a gap."""
        known = set(self.frequent)
        labels = np.empty(len(column.values), dtype=object)
        for row, value in enumerate(column.values.tolist()):
            labels[row] = (value if value in known else RARE) if value else None
        return labels


def rare_below(rows: int) -> int:
    """How many training rows a category needs so as not to be rare."""
    return max(2, min(_RARE_MOST, math.ceil(rows / _RARE_SHARE)))


def pick(columns: Mapping[str, Column], names: Sequence[str]) -> list[Column]:
    """Columns by their names."""
    return [columns[name] for name in names]


def _matrix(columns: Sequence[Column]) -> Array:
    return np.stack([column.values for column in columns], axis=1)


def _imputer() -> Any:
    from sklearn.impute import SimpleImputer

    return SimpleImputer(strategy="median", add_indicator=True)


def _one_hot(least: int) -> Any:
    from sklearn.preprocessing import OneHotEncoder

    return OneHotEncoder(min_frequency=least, handle_unknown="infrequent_if_exist", sparse_output=False)

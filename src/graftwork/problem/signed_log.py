"""An invertible transform of numbers with heavy tails."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import numpy as np

from graftwork.problem._arrays import Array

_SKEWED, _HEAVY = 1.0, 7.0
_MIXED = 0.05
# exp(700) is finite, exp(710) is not.
_MOST = 700.0
_BEYOND = float(np.log(10))


@dataclass(frozen=True)
class SignedLog:
    """sign(x) * log(1 + |x| / scale), column by column: nearly linear below the scale, a logarithm above.

    Attributes:
        scales: Scale of each column; None leaves a column as it is.
        limits: Size to which the transformed numbers of each column are cut before they are undone: that of
            the largest training row and a factor of ten. A model that errs by a few units where it was never
            trained would otherwise answer with 1e300. Where none are given, as far as float64 goes.

    Example:
        >>> curve = SignedLog((10.0,))
        >>> curve.apply(np.array([[-10.0], [0.0], [1000.0]])).round(2).ravel().tolist()
        [-0.69, 0.0, 4.62]
        >>> curve.undo(curve.apply(np.array([[250.0]]))).round(9).tolist()
        [[250.0]]
    """

    scales: tuple[float | None, ...]
    limits: tuple[float, ...] = field(default=(), repr=False)

    @classmethod
    def fit(cls, rows: Array, *, only_heavy: bool) -> Self:
        """Scales of training rows (rows, width) without gaps.

        The scale is the tenth percentile of the sizes of a column's numbers, or their median where both signs
        make up a twentieth of them or more; zeros apart.

        Args:
            rows: Numbers.
            only_heavy: Leave a column as it is unless its skewness is beyond 1 or its excess kurtosis above
                7, and the transform at least halves it.
        """
        scales = tuple(_scale(column, only_heavy) for column in rows.astype(np.float64).T)
        sizes = np.abs(cls(scales).apply(rows)).max(axis=0)
        return cls(scales, tuple(np.minimum(sizes + _BEYOND, _MOST).tolist()))

    def __bool__(self) -> bool:
        """Whether it changes any column."""
        return any(scale is not None for scale in self.scales)

    def apply(self, rows: Array) -> Array:
        """The transformed numbers (rows, width)."""
        changed = rows.astype(np.float64)
        for position, scale in enumerate(self.scales):
            if scale is not None:
                values = changed[:, position]
                changed[:, position] = np.sign(values) * np.log1p(np.abs(values) / scale)
        return changed

    def undo(self, rows: Array) -> Array:
        """The numbers (rows, width) that were transformed."""
        changed = rows.astype(np.float64)
        for position, scale in enumerate(self.scales):
            if scale is not None:
                values = changed[:, position]
                sizes = np.minimum(np.abs(values), self.limit(position))
                changed[:, position] = np.sign(values) * scale * np.expm1(sizes)
        return changed

    def limit(self, column: int) -> float:
        """Size to which transformed numbers of a column are cut."""
        return self.limits[column] if self.limits else _MOST


def _scale(values: Array, only_heavy: bool) -> float | None:
    sizes = np.abs(values[values != 0])
    if not len(sizes):
        return None
    mixed = min((values < 0).mean(), (values > 0).mean()) >= _MIXED
    scale = float(np.median(sizes) if mixed else np.quantile(sizes, 0.1))
    if only_heavy and not _helps(values, np.sign(values) * np.log1p(np.abs(values) / scale)):
        return None
    return scale


def _helps(before: Array, after: Array) -> bool:
    from scipy.stats import kurtosis, skew

    if np.ptp(before) == 0 or not np.isfinite(np.square(before / np.abs(before).max())).all():
        return False
    before = before / np.abs(before).max()
    skewed = abs(skew(before)) > _SKEWED and abs(skew(after)) <= abs(skew(before)) / 2
    heavy = kurtosis(before) > _HEAVY and kurtosis(after) <= kurtosis(before) / 2
    return bool(skewed or heavy)

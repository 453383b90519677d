"""Centre and scale of arrays, fitted on training rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from graftwork.errors import InputError
from graftwork.problem._arrays import Array

_BLOCK = 4096
Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Standardiser:
    """Maps rows to (row - centre) / scale and back.

    Attributes:
        shape: Shape of a row.
        centre: Mean of each feature over training rows, (width,).
        scale: Divisor of each feature, (width,).
        deviation: Standard deviation of each feature over training rows once it is encoded, (width,).
    """

    shape: tuple[int, ...]
    centre: Float64
    scale: Float64
    deviation: Float64

    @classmethod
    def fit(cls, rows: Array, *, one_scale: bool | None = None, weights: Float64 | None = None) -> Self:
        """Fit to rows (rows, *shape), each of which counts as its weight (rows,) says, if told.

        Vectors get a scale for each feature, because their columns differ in unit. Arrays of more axes get
        one scale, the root of the mean variance, because their features share a unit and a dim pixel is no
        more important than a bright one; `one_scale` says otherwise. Features that never change keep their
        unit.
        """
        flat = rows.reshape(len(rows), -1)
        with np.errstate(over="ignore", invalid="ignore"):
            # Sums along rows are plain additions in order: the same to the bit on every machine.
            if weights is None:
                centre = flat.sum(axis=0, dtype=np.float64) / len(flat)
                squares = [np.square(block - centre).sum(axis=0) for block in _blocks(flat)]
                deviation = np.sqrt(np.sum(squares, axis=0) / len(flat))
            else:
                shares = weights[:, None] / weights.sum()
                centre = _weighted_sum(flat, shares)
                deviation = np.sqrt(_weighted_sum(flat, shares, about=centre))
        deviation[flat.min(axis=0) == flat.max(axis=0)] = 0.0
        if not (np.isfinite(centre).all() and np.isfinite(deviation).all()):
            raise InputError("values are too large to be standardised; rescale them")
        together = rows.ndim > 2 if one_scale is None else one_scale
        spread = np.full_like(deviation, np.sqrt(np.mean(deviation**2))) if together else deviation
        scale = np.where(spread > 0, spread, 1.0)
        return cls(tuple(rows.shape[1:]), centre, scale, deviation / scale)

    def encode(self, rows: Array) -> Tensor:
        """Encoded float32 rows (rows, width) of an array (rows, *shape)."""
        flat = rows.reshape(len(rows), -1)
        # Of torch, whose memory is aligned: vectorised kernels treat the ends of a misaligned buffer apart,
        # and may round otherwise than a worker, whose rows are mapped from a file.
        encoded = torch.empty(flat.shape)
        with np.errstate(over="ignore"):
            for start, block in zip(range(0, len(flat), _BLOCK), _blocks(flat), strict=True):
                encoded.numpy()[start : start + _BLOCK] = (block - self.centre) / self.scale
        if encoded.isinf().any():
            row, column = encoded.isinf().nonzero()[0].tolist()
            raise InputError(
                f"number {column} of a row is {flat[row, column]}, too far from those of the training rows "
                "for float32; correct or rescale it"
            )
        return encoded

    def decode(self, encoded: Tensor) -> Float64:
        """The array (rows, *shape) of encoded rows (rows, width)."""
        flat = encoded.detach().numpy().astype(np.float64) * self.scale + self.centre
        return flat.reshape(len(flat), *self.shape)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Standardiser) and self._digest == other._digest

    def __hash__(self) -> int:
        return hash(self._digest)

    def __repr__(self) -> str:
        return f"Standardiser({self._digest[:16]})"

    @property
    def _digest(self) -> str:
        parts = (self.centre.astype(np.float32), self.scale.astype(np.float32))
        return hashlib.sha256(
            repr(self.shape).encode() + b"".join(part.tobytes() for part in parts)
        ).hexdigest()


def _weighted_sum(flat: Array, shares: Float64, *, about: Float64 | None = None) -> Float64:
    """Sum of shares times rows or, where told about what, times squared differences."""
    total = np.zeros(flat.shape[1])
    for block, share in zip(_blocks(flat), _blocks(shares), strict=True):
        total += (share * (block if about is None else np.square(block - about))).sum(axis=0)
    return total


def _blocks(flat: Array) -> Iterator[Float64]:
    for start in range(0, len(flat), _BLOCK):
        yield flat[start : start + _BLOCK].astype(np.float64)

"""Coordinates in which the distance between samples sees how features depend on each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

# In units of the mean variance; docs/decisions/0003 holds what other floors do to planted samples.
_FLOOR = 0.05
# Rows summed at once: all 50,000 of Fashion-MNIST in double precision would take a gigabyte.
_BLOCK = 4096


@dataclass(frozen=True, eq=False, repr=False)
class Whitening:
    """Projects rows on the principal axes of training rows, each divided by its deviation.

    An axis along which training rows vary by less than a twentieth of the mean variance is divided as if
    they did: what hardly varies would else rule the distance. So are axes along which they do not vary at
    all. Only distances between whitened rows have a meaning: axes of equal variance may come out rotated.

    Attributes:
        projection: Axes by falling variance, each divided by its deviation, (width, width) float64; applied
            from the right.
    """

    projection: Tensor

    @classmethod
    def fit(cls, rows: Tensor, weights: Tensor | None = None) -> Self:
        """Fit to encoded training rows (rows, width), of which some feature varies; weights are (rows,)."""
        covariance = _covariance(rows) if weights is None else _weighted_covariance(rows, weights)
        variances, axes = torch.linalg.eigh(covariance)
        divisors = variances.clamp(min=_FLOOR * float(variances.mean())).sqrt()
        return cls((axes / divisors).flip(1).contiguous())

    def __call__(self, rows: Tensor) -> Tensor:
        """Whitened rows (rows, width), float64."""
        return rows.double() @ self.projection

    def blocks(self, rows: Tensor) -> list[Tensor]:
        """Whitened rows in blocks of axes by falling variance: 1, 1, 2, 4, 8 ... of them.

        A distance over many axes at once is ruled by how far rows lie from each other, which noise of the
        right size meets; over the few axes on which rows differ most it is not.

        Returns:
            Tensors (rows, axes), float64.
        """
        whitened = self(rows)
        width = whitened.shape[1]
        starts = [2**power for power in range(width.bit_length()) if 2**power < width]
        return list(whitened.tensor_split(starts, dim=1))


def _covariance(rows: Tensor) -> Tensor:
    centre = rows.mean(dim=0, dtype=torch.float64)
    total = torch.zeros(rows.shape[1], rows.shape[1], dtype=torch.float64)
    for block in rows.split(_BLOCK):
        centred = block.double() - centre
        total += centred.T @ centred
    return total / len(rows)


def _weighted_covariance(rows: Tensor, weights: Tensor) -> Tensor:
    shares = (weights.double() / weights.double().sum())[:, None]
    blocks = list(zip(rows.split(_BLOCK), shares.split(_BLOCK), strict=True))
    centre = torch.zeros(rows.shape[1], dtype=torch.float64)
    for block, share in blocks:
        centre += (block.double() * share).sum(dim=0)
    total = torch.zeros(rows.shape[1], rows.shape[1], dtype=torch.float64)
    for block, share in blocks:
        centred = block.double() - centre
        total += centred.T @ (centred * share)
    return total

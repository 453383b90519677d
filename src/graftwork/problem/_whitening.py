"""Coordinates in which the distance between samples sees how features depend on each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

# In units of the mean variance. At 0.1 and 0.2 real rows come before noisy ones, these before blurred ones,
# these before the mean image and that before noise, on digits and on Fashion-MNIST. At 0.05 a blur of 3 x 3
# passes faint noise on Fashion-MNIST; above 0.1, more single images, repeated, come out behind noise.
_FLOOR = 0.1
# Rows summed at once: all 50,000 of Fashion-MNIST in double precision would take a gigabyte.
_BLOCK = 4096


@dataclass(frozen=True, eq=False, repr=False)
class Whitening:
    """Projects rows on the principal axes of training rows, each divided by its deviation.

    An axis along which training rows vary by less than a tenth of the mean variance is divided as if they
    did: what hardly varies would else rule the distance. So are axes along which they do not vary at all.
    Only distances between whitened rows have a meaning: axes of equal variance may come out rotated.

    Attributes:
        projection: Axes, each divided by its deviation, (width, width) float64; applied from the right.
    """

    projection: Tensor

    @classmethod
    def fit(cls, rows: Tensor) -> Self:
        """Fit to encoded training rows (rows, width), of which some feature varies."""
        variances, axes = torch.linalg.eigh(_covariance(rows))
        divisors = variances.clamp(min=_FLOOR * float(variances.mean())).sqrt()
        return cls(axes / divisors)

    def __call__(self, rows: Tensor) -> Tensor:
        """Whitened rows (rows, width), float64."""
        return rows.double() @ self.projection


def _covariance(rows: Tensor) -> Tensor:
    centre = rows.mean(dim=0, dtype=torch.float64)
    total = torch.zeros(rows.shape[1], rows.shape[1], dtype=torch.float64)
    for block in rows.split(_BLOCK):
        centred = block.double() - centre
        total += centred.T @ centred
    return total / len(rows)

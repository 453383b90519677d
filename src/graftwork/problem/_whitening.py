"""Coordinates in which the distance between samples sees how features depend on each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

# In units of the mean variance. From 0.05 to 0.2 the planted order (real, noisy, blurred, collapsed, noise) holds
# on digits and on Fashion-MNIST; below, faint noise along axes that hardly vary counts for as much as a blur.
_FLOOR = 0.1


@dataclass(frozen=True, eq=False)
class Whitening:
    """Projects rows on the principal axes of training rows, each divided by its deviation.

    An axis along which training rows vary by less than a tenth of the mean variance is divided as if they did: what hardly
    varies would else rule the distance.

    Attributes:
        projection: (width, width), applied from the right.
    """

    projection: Tensor

    @classmethod
    def fit(cls, rows: Tensor) -> Self:
        """Fit to encoded training rows (rows, width)."""
        centred = rows.double() - rows.double().mean(dim=0)
        variances, axes = torch.linalg.eigh(centred.T @ centred / len(rows))
        divisors = variances.clamp(min=_FLOOR * float(variances.mean())).sqrt()
        return cls(axes / divisors)

    def __call__(self, rows: Tensor) -> Tensor:
        """Whitened rows (rows, width)."""
        return rows.double() @ self.projection

"""What metrics read of gradients by weights, without keeping these."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from graftwork.diagnosis._statistics import Array


class WeightGradients:
    """Gradients of the mean losses of some outputs by the parameters of a component, for a few folds of rows.

    The gradients of the folds add up to the gradient by all rows. A parameter is entered once, or some of its
    numbers at a time, so that they can be read while they are still at hand.

    Attributes:
        outputs: Names of the outputs that depend on the component.
    """

    def __init__(self, outputs: Sequence[str], folds: int, device: torch.device) -> None:
        self.outputs, self._folds = tuple(outputs), folds
        count, zero = len(self.outputs), torch.zeros((), dtype=torch.float64, device=device)
        self._whole, self._without = zero.new_zeros(count), zero.new_zeros(folds * count)
        self._products = zero.new_zeros(folds * count, folds * count)

    def enter(self, weights: Tensor, gradients: Tensor) -> None:
        """Some parameters.

        Args:
            weights: (numbers,).
            gradients: By fold and output, (folds, outputs, numbers); what it holds afterwards is undefined.
        """
        flat, sizes = gradients.view(len(self._without), -1), weights.abs()
        self._products += flat @ flat.T
        whole = gradients.sum(dim=0)
        self._without += gradients.sub_(whole).abs_().view_as(flat) @ sizes
        self._whole += whole.abs_() @ sizes

    @property
    def effects(self) -> Array:
        """Sum over parameters of |parameter * gradient|, (outputs, 1 + folds): of all folds, then of all but
        each of them.
        """
        without = self._without.view(self._folds, -1)
        return np.asarray(torch.cat([self._whole[None], without]).T.cpu().numpy())

    @property
    def products(self) -> Array:
        """Inner products of gradients, (outputs, outputs, folds, folds)."""
        count = len(self.outputs)
        by = self._products.view(self._folds, count, self._folds, count)
        return np.asarray(by.permute(1, 3, 0, 2).cpu().numpy())

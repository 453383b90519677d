"""What metrics read of gradients by weights, without keeping these."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from graftwork.diagnosis._statistics import Array


class WeightGradients:
    """Gradients of the mean losses of some outputs by the parameters of a component.

    The gradient is the sum of the parts that samples have in it, rows or folds of rows. What some of the
    samples give each figure tells how sure it is: times the number of all samples, those are drawn around it.

    Args:
        outputs: Names of the outputs that depend on the component.
        samples: How many samples the gradients are of.
        told: Of how many of them it is told what they give.
        device: Where the tensors are.
    """

    def __init__(self, outputs: Sequence[str], samples: int, told: int, device: torch.device) -> None:
        self.outputs, self.samples, self.told = tuple(outputs), samples, told
        zero, count = torch.zeros((), dtype=torch.float64, device=device), len(self.outputs)
        self._effects, self._effects_by = zero.new_zeros(count), zero.new_zeros(told, count)
        self._products, self._products_by = zero.new_zeros(count, count), zero.new_zeros(told, count, count)

    def enter(self, whole: Tensor, signed: Tensor, effects: Tensor, products: Tensor) -> None:
        """Some parameters.

        Args:
            whole: Gradients of all samples, (outputs, numbers).
            signed: |parameter| with the sign of each gradient, (outputs, numbers).
            effects: Inner products of the part of each sample that is told of with `signed`, of the same
                output, (told, outputs).
            products: And with `whole`, of all outputs, (told, outputs, outputs).
        """
        self._effects += (whole @ signed.T).diagonal()
        self._products += whole @ whole.T
        self._effects_by += effects
        self._products_by += products

    def enter_parts(self, weights: Tensor, parts: Tensor) -> None:
        """Some parameters, (numbers,), and the parts that all samples have, (samples, outputs, numbers)."""
        whole = parts.sum(dim=0)
        signed = torch.copysign(weights.abs(), whole)
        self.enter(whole, signed, torch.linalg.vecdot(parts, signed), parts @ whole.T)

    @property
    def effects(self) -> tuple[Array, Array]:
        """Sum over parameters of |parameter * gradient|, (outputs,), and what samples give it, times the
        number of samples, (told, outputs).
        """
        return self._effects.cpu().numpy(), self._effects_by.cpu().numpy() * self.samples

    @property
    def products(self) -> tuple[Array, Array]:
        """Inner products of the gradients of two outputs, (outputs, outputs), and of the part of a sample in
        the first one with the second one, times the number of samples, (told, outputs, outputs).
        """
        return self._products.cpu().numpy(), self._products_by.cpu().numpy() * self.samples

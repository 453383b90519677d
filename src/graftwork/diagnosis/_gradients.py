"""Gradients of several outputs, gathered fold by fold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from graftwork.diagnosis._weight_gradients import WeightGradients
from graftwork.diagnosis.subject import Gradients

Parameters = Mapping[str, Sequence[nn.Parameter]]
Given = Mapping[str, Sequence[tuple[Tensor, int]]]


class GradientBook:
    """Takes in the losses of one output after the other, for one fold of rows after the other."""

    def __init__(self) -> None:
        self._count = 0
        self._values: dict[str, list[Tensor]] = {}
        # By component, output and number of the fold.
        self._rows: dict[str, dict[str, dict[int, Tensor]]] = {}
        self._folds: dict[str, dict[str, dict[int, list[Tensor]]]] = {}
        self._weights: dict[str, list[Tensor]] = {}

    def open_fold(self, given: Given, parameters: Parameters) -> None:
        """A fold of rows begins.

        Args:
            given: What every component gives in this pass: tensors, each with its dimension of rows.
            parameters: Those of every network.
        """
        self._count, self._given, self._parameters = self._count + 1, given, parameters
        for name, parts in given.items():
            if parts:
                self._values.setdefault(name, []).append(_flat([part.detach() for part, _ in parts], parts))
        self._weights = {name: [each.detach().flatten() for each in own] for name, own in parameters.items()}

    def enter(self, output: str, losses: Tensor, present: int) -> None:
        """Differentiate the losses (rows of the fold,) of one output.

        Args:
            output: Its name.
            losses: 0 where the target is missing.
            present: Rows of all folds whose target is present.
        """
        if not losses.requires_grad:
            return
        tensors = [part for parts in self._given.values() for part, _ in parts]
        weights = list(dict.fromkeys(weight for own in self._parameters.values() for weight in own))
        found = torch.autograd.grad(losses.sum(), [*tensors, *weights], retain_graph=True, allow_unused=True)
        by_part = dict(zip(map(id, tensors), found, strict=False))
        by_weight = dict(zip(weights, found[len(tensors) :], strict=True))
        for name, parts in self._given.items():
            gradients = [by_part[id(part)] for part, _ in parts]
            if any(gradient is not None for gradient in gradients):
                filled = _filled([part for part, _ in parts], gradients)
                self._rows.setdefault(name, {}).setdefault(output, {})[self._count - 1] = _flat(filled, parts)
        for name, own in self._parameters.items():
            gradients = [by_weight[weight] for weight in own]
            if any(gradient is not None for gradient in gradients):
                mean = [each.flatten() / max(present, 1) for each in _filled(own, gradients)]
                self._folds.setdefault(name, {}).setdefault(output, {})[self._count - 1] = mean

    def closed(self) -> Gradients:
        """All of it, in the order of rows; the gradients of folds add up to that of the mean loss.

        They are zeros in folds where a module that asks its rows which way to go left a component out.
        """
        return Gradients(
            values={name: torch.cat(parts) for name, parts in self._values.items()},
            rows={
                name: {
                    output: torch.cat(self._all(parts, self._values[name]))
                    for output, parts in by_output.items()
                }
                for name, by_output in self._rows.items()
            },
            weights={name: self._of_weights(name, by_output) for name, by_output in self._folds.items()},
        )

    def _of_weights(self, name: str, by_output: Mapping[str, dict[int, list[Tensor]]]) -> WeightGradients:
        folds, device = self._count, self._weights[name][0].device
        found = WeightGradients(list(by_output), folds, folds, device)
        for place, weights in enumerate(self._weights[name]):
            by_fold = [{fold: parts[place] for fold, parts in own.items()} for own in by_output.values()]
            parts = [torch.stack(self._all(own, [weights] * folds)) for own in by_fold]
            found.enter_parts(weights, torch.stack(parts, dim=1))
        return found

    def _all(self, found: Mapping[int, Tensor], like: Sequence[Tensor]) -> list[Tensor]:
        """Of every fold."""
        return [found[fold] if fold in found else torch.zeros_like(like[fold]) for fold in range(self._count)]


def _filled(tensors: Sequence[Tensor], gradients: Sequence[Tensor | None]) -> list[Tensor]:
    return [
        torch.zeros_like(tensor) if gradient is None else gradient.detach()
        for tensor, gradient in zip(tensors, gradients, strict=True)
    ]


def _flat(tensors: Sequence[Tensor], parts: Sequence[tuple[Tensor, int]]) -> Tensor:
    """Side by side, (rows, units)."""
    moved = [tensor.movedim(rows, 0) for tensor, (_, rows) in zip(tensors, parts, strict=True)]
    return torch.cat([tensor.reshape(len(tensor), -1) for tensor in moved], dim=1)

"""The reference engine: PyTorch's autograd, for every kind of network and on any device."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from graftwork.model import Dropout, Reparameterised
from graftwork.runtime import integer_seed
from graftwork.training.balancing import Aggregation
from graftwork.training.engines._base import Losses, Task
from graftwork.training.losses import latent_losses, latent_weights, output_losses
from graftwork.training.part import freeze_rest


class EagerEngine:
    """Trains by autograd, on the device where the model is."""

    name = "eager"

    def __init__(self, task: Task) -> None:
        self._task = task
        freeze_rest(task.model, task.part)
        self._trained = [p for p in task.model.parameters() if p.requires_grad]
        self._optimiser = torch.optim.Adam(self._trained, fused=True)
        self._latent = Reparameterised(integer_seed(task.seed, 0, "latent"))
        self._dropout = Dropout(integer_seed(task.seed, 0, "dropout"), task.part)
        self._latent_weights = latent_weights(task.problem, task.model.architecture)
        rows = task.problem.train
        self._device = task.model.device
        self._inputs = self._placed(rows.inputs)
        self._targets = self._placed({name: rows.targets[name] for name in task.outputs})
        self._known = self._placed(task.known)
        self._looked_at = self._placed(task.looked_at.inputs)
        self._wanted = self._placed({name: task.looked_at.targets[name] for name in task.outputs})
        self._known_at_look = self._placed(task.known_at_look)
        self._row_weights = self._placed(task.row_weights(rows))
        self._weights_at_look = self._placed(task.row_weights(task.looked_at))
        self.keep()

    def step(self, rows: Tensor, learning_rate: float) -> Losses:
        """One step on these training rows."""
        losses, finite = self._backward(rows)
        if finite:
            self._optimiser.param_groups[0]["lr"] = learning_rate
            self._optimiser.step()
        return losses

    def gradients(self, rows: Tensor) -> dict[str, Tensor]:
        """Gradient of every parameter that is trained, on these training rows; no weight changes."""
        self._backward(rows)
        return {
            name: torch.zeros_like(parameter) if parameter.grad is None else parameter.grad.clone()
            for name, parameter in self._task.model.named_parameters()
            if parameter.requires_grad
        }

    @torch.no_grad()
    def look(self) -> Losses:
        """Losses on the rows that are looked at."""
        passed = self._task.model.run(self._looked_at, outputs=self._task.outputs, known=self._known_at_look)
        losses = output_losses(self._task.problem, passed, self._wanted, self._weights_at_look)
        return _told(losses, latent_losses(self._latent_weights, passed.kl, self._weights_at_look))

    def keep(self) -> None:
        """Remember the weights."""
        self._kept = [parameter.detach().clone() for parameter in self._trained]

    @torch.no_grad()
    def finish(self) -> None:
        """Take the remembered weights back."""
        for parameter, kept in zip(self._trained, self._kept, strict=True):
            parameter.copy_(kept)
        self._task.model.zero_grad()
        self._task.model.requires_grad_(requires_grad=True)

    def _backward(self, rows: Tensor) -> tuple[Losses, bool]:
        """Losses on some rows, whether they are finite, and the gradients of their balanced sum if so."""
        picked = rows.to(self._device)
        passed = self._task.model.run(
            _rows(self._inputs, picked),
            latent=self._latent,
            dropout=self._dropout,
            outputs=self._task.outputs,
            known=_rows(self._known, picked),
        )
        counted = _rows(self._row_weights, picked)
        losses = output_losses(self._task.problem, passed, _rows(self._targets, picked), counted)
        latent = latent_losses(self._latent_weights, passed.kl, counted)
        told = _told(losses, latent)
        weights = self._task.weights(told.outputs)
        finite = math.isfinite(told.total(weights))
        if finite:
            self._optimiser.zero_grad()
            self._gather(losses, latent, weights)
        return told, finite

    def _gather(
        self, losses: Mapping[str, Tensor], latent: Mapping[str, Tensor], weights: Mapping[str, float]
    ) -> None:
        if isinstance(self._task.balance, Aggregation):
            whole = dict(losses)
            for decoder, loss in latent.items():
                if (output := self._task.latent_outputs[decoder]) in whole:
                    whole[output] = whole[output] + loss
            self._task.balance.backward(whole.values(), self._trained)
        else:
            terms = (*losses.items(), *latent.items())
            torch.stack([weights.get(name, 1.0) * loss for name, loss in terms]).sum().backward()

    def _placed(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return {name: values.to(self._device) for name, values in tensors.items()}


def _rows(tensors: Mapping[str, Tensor], picked: Tensor) -> dict[str, Tensor]:
    return {name: values.index_select(0, picked) for name, values in tensors.items()}


def _told(losses: Mapping[str, Tensor], latent: Mapping[str, Tensor]) -> Losses:
    """Numbers of all losses, brought over from the device at once."""
    names = [*losses, *latent]
    numbers = torch.stack([*losses.values(), *latent.values()]).tolist()
    told = dict(zip(names, numbers, strict=True))
    return Losses({name: told[name] for name in losses}, {name: told[name] for name in latent})

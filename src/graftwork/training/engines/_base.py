"""What an engine is: it makes training steps, and looks at validation rows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import torch
from torch import Tensor

from graftwork.model import HeterogeneousModel, common_dtype
from graftwork.problem import Problem, Split
from graftwork.training.balancing import Balance
from graftwork.training.losses import latent_outputs, loss_weights


@dataclass(frozen=True)
class Losses:
    """What a model loses on some rows.

    Attributes:
        outputs: Mean loss of every output that is trained, over the rows whose target is present, each
            times its weight.
        latent: beta * KL of every decoder that is passed, averaged over rows, each times its weight.
    """

    outputs: Mapping[str, float]
    latent: Mapping[str, float] = field(default_factory=dict)

    def total(self, weights: Mapping[str, float]) -> float:
        """The weighted sum that is minimised; outputs and decoders without a weight count once.

        Example:
            >>> Losses({"digit": 2.0, "sample": 1.0}, {"n3": 0.5}).total({"digit": 0.25})
            2.0
        """
        terms = (*self.outputs.items(), *self.latent.items())
        return math.fsum(weights.get(name, 1.0) * loss for name, loss in terms)


@dataclass(frozen=True, kw_only=True)
class Task:
    """What an engine trains.

    Attributes:
        model: Trained in place.
        problem: Whose losses are minimised.
        part: Networks to train.
        outputs: Outputs to train on, those that the part reaches.
        looked_at: Validation rows that a look reads.
        batch_size: Most rows a step.
        seed: Seed of the latents of decoders and of the units that are dropped.
        balance: How the losses of outputs become one.
        known: `raw` of frozen networks over training rows, those that need not be computed again.
        known_at_look: The same over the rows looked at.
    """

    model: HeterogeneousModel
    problem: Problem
    part: frozenset[str]
    outputs: tuple[str, ...]
    looked_at: Split
    batch_size: int
    seed: int
    balance: Balance
    known: Mapping[str, Tensor]
    known_at_look: Mapping[str, Tensor]

    @property
    def dtype(self) -> torch.dtype:
        """The numbers that it is computed in.

        Raises:
            InputError: Model and rows are of several.
        """
        rows = (self.problem.train, self.looked_at)
        groups = (group for split in rows for group in (split.inputs, split.targets))
        return common_dtype(self.model, *groups, self.known, self.known_at_look)

    @cached_property
    def latent_outputs(self) -> Mapping[str, str]:
        """The output whose loss the KL of a decoder is part of, by the name of the decoder."""
        return latent_outputs(self.problem, self.model.architecture)

    def row_weights(self, split: Split) -> dict[str, Tensor]:
        """What the loss of each row is multiplied by, of outputs and decoders whose rows count unlike."""
        weights = loss_weights(self.problem, split, self.latent_outputs)
        passed = {*self.outputs, *self.latent_outputs}
        return {name: values for name, values in weights.items() if name in passed}

    def weights(self, losses: Mapping[str, float]) -> dict[str, float]:
        """The weight of every output in this step, and of every decoder, which has that of its output."""
        given = self.balance.weights(losses)
        latent = {decoder: given.get(output, 1.0) for decoder, output in self.latent_outputs.items()}
        return {**given, **latent}


class Engine(Protocol):
    """Trains one model by Adam.

    Engines agree: on the same task they draw the same latents and drop the same units, and their losses and
    gradients differ by rounding alone.

    Attributes:
        name: `native` or `eager`.
    """

    name: str

    def step(self, rows: Tensor, learning_rate: float) -> Losses:
        """One step on training rows of these numbers, int64 (rows,).

        Answers with the losses before the step. Where the loss is not finite, no weight changes.
        """
        ...

    def look(self) -> Losses:
        """Losses on the rows that are looked at, decoders at the mean of their latent."""
        ...

    def keep(self) -> None:
        """Remember the weights as they are."""
        ...

    def finish(self) -> None:
        """Take back the weights that were remembered last, and let go of the model."""
        ...

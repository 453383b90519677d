"""Training of a model, or of a part of it, under a budget and until it converges."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor

from graftwork.errors import InputError
from graftwork.model import Dropout, HeterogeneousModel, Reparameterised
from graftwork.problem import Problem
from graftwork.runtime import Budget, integer_seed, torch_generator
from graftwork.training.balancing import Balancer, StaticBalancer
from graftwork.training.batches import Batch, batches
from graftwork.training.frozen import frozen_values
from graftwork.training.losses import latent_losses, output_losses
from graftwork.training.stopping import Convergence
from graftwork.variation import affected_outputs

StopReason = Literal["converged", "budget", "not finite"]
Criterion = Callable[[HeterogeneousModel], float]


@dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """How a model is trained.

    Attributes:
        batch_size: Rows a step.
        learning_rate: Of Adam, whose step sizes fall linearly to a tenth of it over the budget in steps.
        check_every: Steps between looks at the validation rows.
        look_rows: Most validation rows that a look reads; they are always the same.
        patience: Looks without a gain before training has converged.
        tolerance: Least relative gain of the validation loss that counts.
        balancer: How the losses of the outputs become one.
    """

    batch_size: int = 64
    learning_rate: float = 3e-3
    check_every: int = 50
    look_rows: int = 1000
    patience: int = 4
    tolerance: float = 1e-3
    balancer: Balancer = field(default_factory=StaticBalancer)


@dataclass(frozen=True)
class Trained:
    """What came of training.

    Attributes:
        model: The model with its best weights on validation rows.
        steps: Steps that were made.
        seconds: Wall time spent.
        reason: Why it ended: `converged`, `budget`, or `not finite` (a loss was; the weights are the best
            before it).
        curve: (steps, validation loss of every output) at each look.
    """

    model: HeterogeneousModel
    steps: int
    seconds: float
    reason: StopReason
    curve: tuple[tuple[int, dict[str, float]], ...]


def train(
    model: HeterogeneousModel,
    problem: Problem,
    *,
    budget: Budget,
    seed: int,
    options: TrainingOptions | None = None,
    trainable: frozenset[str] | None = None,
    criterion: Criterion | None = None,
) -> Trained:
    """Train a copy of a model on the training rows of a problem.

    Args:
        model: What to start from; it stays as it is.
        problem: Its training rows train, its validation rows say when to stop and which weights were best.
        budget: Steps or seconds, whichever is spent first.
        seed: Seed of the order of rows, of the latents of decoders and of the units that are dropped.
        options: How; the defaults unless told.
        trainable: Networks to train; the others are frozen. All unless told. Outputs that they do not reach
            are left out.
        criterion: What a look at the validation rows judges the model by, less being better; the sum that is
            minimised unless told.

    Returns:
        The trained copy and how it went.

    Raises:
        InputError: The budget limits neither steps nor seconds, or `trainable` names no network or unknown
            ones.

    Example:
        >>> import graftwork as gw
        >>> problem = gw.load_problem("digits")
        >>> architecture = gw.random_architecture(problem, gw.SearchSpace.modern(), seed=0)
        >>> trained = gw.train(gw.build(architecture, seed=0), problem, budget=gw.Budget(steps=20), seed=0)
        >>> trained.steps, trained.reason
        (20, 'budget')
    """
    _check(model, budget, trainable)
    loop = _Loop(model, problem, budget, seed, options or TrainingOptions(), trainable, criterion)
    return loop.run()


def _check(model: HeterogeneousModel, budget: Budget, trainable: frozenset[str] | None) -> None:
    if budget.steps is None and budget.seconds is None:
        raise InputError(f"budget: training needs a limit on steps or seconds, came {budget}")
    known = model.architecture.network_names
    if trainable is not None and (not trainable or trainable - known):
        raise InputError(
            f"trainable: expected some of the networks {sorted(known)}, came {sorted(trainable)}"
        )


class _Loop:
    def __init__(
        self,
        model: HeterogeneousModel,
        problem: Problem,
        budget: Budget,
        seed: int,
        options: TrainingOptions,
        trainable: frozenset[str] | None,
        criterion: Criterion | None,
    ) -> None:
        self.criterion = criterion
        self.model = copy.deepcopy(model)
        self.problem, self.budget, self.options = problem, budget, options
        part = model.architecture.network_names if trainable is None else trainable
        self.outputs = affected_outputs(model.architecture, part)
        self.optimiser = torch.optim.Adam(_unfreeze(self.model, part), lr=options.learning_rate, fused=True)
        self.latent = Reparameterised(integer_seed(seed, 0, "latent"))
        self.dropout = Dropout(integer_seed(seed, 0, "dropout"), part)
        self.looked_at = problem.validation.first(self.options.look_rows)
        self.known = frozen_values(self.model, problem.train, part, self.outputs)
        self.batches = self._batches(seed)
        self.convergence = Convergence(options.patience, options.tolerance)
        self.curve: list[tuple[int, dict[str, float]]] = []
        self.best = copy.deepcopy(self.model.state_dict())

    def _batches(self, seed: int) -> Iterator[Batch]:
        rows, generator = self.problem.train, torch_generator(seed, 0, "batches")
        targets = {name: rows.targets[name] for name in sorted(self.outputs)}
        return batches(rows.inputs, targets, self.known, size=self.options.batch_size, generator=generator)

    def run(self) -> Trained:
        started = time.perf_counter()
        steps, reason = 0, self._look(0)
        while reason is None:
            if not self._step(steps):
                reason = "not finite"
                continue
            steps += 1
            spent = self.budget.spent(steps=steps, seconds=time.perf_counter() - started)
            if spent or steps % self.options.check_every == 0:
                reason = self._look(steps) or ("budget" if spent else None)
        self.model.load_state_dict(self.best)
        self.model.requires_grad_(requires_grad=True)
        return Trained(self.model, steps, time.perf_counter() - started, reason, tuple(self.curve))

    def _step(self, steps: int) -> bool:
        self.optimiser.param_groups[0]["lr"] = self._learning_rate(steps)
        loss = self._loss(next(self.batches))
        if not math.isfinite(loss.item()):
            return False
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        return True

    def _learning_rate(self, steps: int) -> float:
        horizon = self.budget.steps
        share = 0.0 if horizon is None else steps / horizon
        return self.options.learning_rate * (1.0 - 0.9 * share)

    def _loss(self, batch: Batch) -> Tensor:
        passed = self.model.run(
            batch.inputs,
            latent=self.latent,
            dropout=self.dropout,
            outputs=self.outputs,
            known=batch.known,
        )
        losses = output_losses(self.problem, passed, batch.targets)
        return self._total(losses, latent_losses(self.problem, self.model, passed))

    def _total(self, losses: dict[str, Tensor], latent: dict[str, Tensor]) -> Tensor:
        return sum(latent.values(), start=self.options.balancer(losses))

    @torch.no_grad()
    def _look(self, steps: int) -> StopReason | None:
        rows = self.looked_at
        passed = self.model.run(rows.inputs, outputs=self.outputs)
        losses = output_losses(self.problem, passed, rows.targets)
        total = float(self._total(losses, latent_losses(self.problem, self.model, passed)))
        self.curve.append((steps, {name: float(loss) for name, loss in losses.items()}))
        if not math.isfinite(total):
            return "not finite"
        judged = total if self.criterion is None else self.criterion(self.model)
        if judged < self.convergence.best:
            self.best = copy.deepcopy(self.model.state_dict())
        return "converged" if self.convergence.look(judged) else None


def _unfreeze(model: HeterogeneousModel, part: frozenset[str]) -> list[torch.nn.Parameter]:
    """Let a part, and the gains through which it reaches outputs, be trained; freeze the rest."""
    chosen = []
    for name, parameter in model.named_parameters():
        owner = name.split(".")[1] if name.startswith("networks.") else name.rpartition("gain_")[2]
        parameter.requires_grad_(owner in part)
        if owner in part:
            chosen.append(parameter)
    return chosen

"""Training of a model, or of a part of it, under a budget and until it converges."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Literal

from torch import Tensor

from graftwork.errors import InputError
from graftwork.model import HeterogeneousModel, common_dtype
from graftwork.problem import Problem
from graftwork.runtime import Budget, torch_generator, usable_device
from graftwork.training.balancing import Aggregated, Static, check_balancer
from graftwork.training.batches import batches
from graftwork.training.cost import aggregation_macs, training_macs
from graftwork.training.engines import Engine, Losses, Task, make_engine
from graftwork.training.frozen import frozen_values
from graftwork.training.options import TrainingOptions
from graftwork.training.stopping import Convergence, OutputConvergence
from graftwork.variation import affected_outputs

StopReason = Literal["converged", "budget", "not finite"]
Criterion = Callable[[HeterogeneousModel], float]


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
        macs: Multiply-accumulates spent, forward and backward.
        converged: Steps after which an output had converged, by name; outputs that had not are left out.
            Where outputs take turns, none has before the last turn is over.
        engine: What made the steps, `native` or `eager`.
    """

    model: HeterogeneousModel
    steps: int
    seconds: float
    reason: StopReason
    curve: tuple[tuple[int, dict[str, float]], ...]
    macs: int = 0
    converged: Mapping[str, int] = field(default_factory=dict)
    engine: str = "eager"


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
        model: What to start from; it stays as it is. For a training in float64 give `model.double()`, and
            `problem.to(torch.float64)`.
        problem: Its training rows train, its validation rows say when to stop and which weights were best.
        budget: Steps, seconds or multiply-accumulates, whichever is spent first.
        seed: Seed of the order of rows, of the latents of decoders and of the units that are dropped.
        options: How; the defaults unless told.
        trainable: Networks to train; the others are frozen. All unless told. Outputs that they do not reach
            are left out.
        criterion: What a look at the validation rows judges the model by, less being better; the sum of all
            losses unless told, in which fixed weights count and those that a balancer changes do not.

    Returns:
        The trained copy and how it went.

    Raises:
        InputError: The budget limits neither steps nor seconds nor macs, `trainable` names no network or
            unknown ones, model and problem are of different precisions, an option is none of those that there
            are, or the balancer speaks of outputs that the problem has not.

    Example:
        >>> import graftwork as gw
        >>> problem = gw.load_problem("digits")
        >>> architecture = gw.random_architecture(problem, gw.SearchSpace.modern(), seed=0)
        >>> trained = gw.train(gw.build(architecture, seed=0), problem, budget=gw.Budget(steps=20), seed=0)
        >>> trained.steps, trained.reason
        (20, 'budget')
    """
    chosen = options or TrainingOptions()
    _check(model, problem, budget, trainable)
    check_balancer(chosen.balancer, problem.outputs)
    loop = _Loop(model, problem, budget, seed, chosen, trainable, criterion)
    return loop.run()


def _check(
    model: HeterogeneousModel, problem: Problem, budget: Budget, trainable: frozenset[str] | None
) -> None:
    if budget.steps is None and budget.seconds is None and budget.macs is None:
        raise InputError(f"budget: training needs a limit on steps, seconds or macs, came {budget}")
    known = model.architecture.network_names
    if trainable is not None and not isinstance(trainable, Set):
        raise InputError(
            f"trainable: expected a set of names of networks, such as frozenset({{'n0'}}), came {trainable!r}"
        )
    if trainable is not None and (not trainable or trainable - known):
        raise InputError(
            f"trainable: expected some of the networks {sorted(known)}, came {sorted(map(str, trainable))}"
        )
    rows = (problem.train, problem.validation)
    common_dtype(model, *(group for split in rows for group in (split.inputs, split.targets)))


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
        self.criterion, self.budget, self.options = criterion, budget, options
        self.model = copy.deepcopy(model).to(usable_device(options.device))
        architecture = model.architecture
        part = architecture.network_names if trainable is None else trainable
        outputs = tuple(sorted(affected_outputs(architecture, part)))
        self.batch_size = min(options.batch_size, problem.train.rows)
        self.batches = self._batches(problem, seed)
        looked_at = problem.validation.first(options.look_rows)
        self.macs_a_step = self.batch_size * self._macs_a_row(part, outputs, {})
        # Worth it where rows are visited more often than once: a short training on many rows is not.
        most = self._most_steps()
        kept = most is None or most * self.batch_size > problem.train.rows
        known = frozen_values(self.model, problem.train, part, outputs) if kept else {}
        self.macs_a_step = self.batch_size * self._macs_a_row(part, outputs, known)
        self.balance = options.balancer.start(outputs, steps=self._most_steps(), seed=seed)
        task = Task(
            model=self.model,
            problem=problem,
            part=part,
            outputs=outputs,
            looked_at=looked_at,
            batch_size=self.batch_size,
            seed=seed,
            balance=self.balance,
            known=known,
            known_at_look=frozen_values(self.model, looked_at, part, outputs) if kept else {},
        )
        # Weights that a balancer changes say nothing of which model is best.
        self.weights = task.weights({}) if isinstance(options.balancer, Static) else {}
        self.engine: Engine = make_engine(task, options.engine)
        self.total = Convergence(options.patience, options.tolerance)
        self.each = OutputConvergence(outputs, options.patience, options.tolerance)
        self.converged: dict[str, int] = {}
        self.curve: list[tuple[int, dict[str, float]]] = []

    def _batches(self, problem: Problem, seed: int) -> Iterator[Tensor]:
        generator = torch_generator(seed, 0, "batches")
        return batches(problem.train.rows, size=self.batch_size, generator=generator)

    def _macs_a_row(self, part: frozenset[str], outputs: Sequence[str], known: Mapping[str, Tensor]) -> int:
        architecture = self.model.architecture
        if isinstance(self.options.balancer, Aggregated):
            each = [self.model.needed([output], known=known.keys()) for output in outputs]
            return aggregation_macs(architecture, part=part, each=each)
        computed = self.model.needed(outputs, known=known.keys())
        return training_macs(architecture, part=part, computed=computed)

    def _most_steps(self) -> int | None:
        limits = [] if self.budget.steps is None else [self.budget.steps]
        if self.budget.macs is not None:
            limits.append(math.ceil(self.budget.macs / max(self.macs_a_step, 1)))
        return min(limits, default=None)

    def run(self) -> Trained:
        started = time.perf_counter()
        steps, reason = 0, self._look(0)
        while reason is None:
            if not self._step(steps):
                reason = "not finite"
                continue
            steps += 1
            spent = self._spent(steps, time.perf_counter() - started)
            if spent or steps % self.options.check_every == 0:
                reason = self._look(steps) or ("budget" if spent else None)
        self.engine.finish()
        return Trained(
            self.model,
            steps,
            time.perf_counter() - started,
            reason,
            tuple(self.curve),
            macs=steps * self.macs_a_step,
            converged=self.converged,
            engine=self.engine.name,
        )

    def _spent(self, steps: int, seconds: float) -> bool:
        return self.budget.spent(steps=steps, seconds=seconds, macs=steps * self.macs_a_step)

    def _step(self, steps: int) -> bool:
        losses = self.engine.step(next(self.batches), self._learning_rate(steps))
        return math.isfinite(losses.total({}))

    def _learning_rate(self, steps: int) -> float:
        horizon = self.budget.steps
        share = 0.0 if horizon is None else steps / horizon
        return self.options.learning_rate * (1.0 - 0.9 * share)

    def _look(self, steps: int) -> StopReason | None:
        losses = self.engine.look()
        self.curve.append((steps, dict(losses.outputs)))
        total = losses.total(self.weights)
        if not math.isfinite(total):
            return "not finite"
        judged = total if self.criterion is None else self.criterion(self.model)
        if judged < self.total.best:
            self.engine.keep()
        self.balance.looked(losses.outputs)
        return "converged" if self._converged(steps, judged, losses) else None

    def _converged(self, steps: int, judged: float, losses: Losses) -> bool:
        if self.balance.waiting:
            self.total.pass_over(judged)
            return False
        stopped = self.total.look(judged)
        now = self.each.look(losses.outputs)
        self.converged = {name: self.converged.get(name, steps) for name in sorted(now)}
        return stopped if self.options.converged == "total" else len(now) == len(losses.outputs)

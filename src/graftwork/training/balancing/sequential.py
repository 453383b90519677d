"""One output after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from graftwork.errors import InputError
from graftwork.training.balancing._base import Balance, check_looks
from graftwork.training.stopping import Convergence


@dataclass(frozen=True)
class Sequential:
    """Trains one output until it has converged or spent its share of the steps, then the next; at last all.

    Of so many outputs each has one share of the steps, and all together have one more, and what others left
    of theirs: what networks that are shared lost of the first outputs while they served the last is mended
    then. Where nothing but seconds limits a training there are no shares, and an output that never converges
    keeps the rest from their turn. Training does not converge before every output has had its turn, and
    decoders keep out of it while their output waits: a KL that is minimised alone would empty their latent.

    Attributes:
        order: Names of outputs in the order in which they are trained; those left out follow as they come.
        patience: Looks without a gain of its validation loss before an output has converged.
        tolerance: Least relative gain that counts.

    Raises:
        InputError: A name twice, patience below 1, or a tolerance that is not from 0 to below 1.

    Example:
        >>> balance = Sequential(("sample", "digit")).start(["digit", "sample"], steps=300)
        >>> balance.weights({"digit": 1.0, "sample": 1.0})
        {'digit': 0.0, 'sample': 1.0}
    """

    order: tuple[str, ...] = ()
    patience: int = 2
    tolerance: float = 1e-3

    def __post_init__(self) -> None:
        object.__setattr__(self, "order", tuple(self.order))
        if len(set(self.order)) < len(self.order):
            raise InputError(f"order: expected every output once, came {', '.join(self.order)}")
        check_looks(self.patience, self.tolerance)

    def start(self, outputs: Sequence[str], *, steps: int | None, seed: int = 0) -> Balance:
        """The first output."""
        first = [name for name in self.order if name in outputs]
        order = (*first, *(name for name in outputs if name not in first))
        share = None if steps is None else max(1, steps // (len(order) + 1))
        return _Turn(tuple(outputs), order, share, self.patience, self.tolerance)


@dataclass
class _Turn:
    outputs: tuple[str, ...]
    order: tuple[str, ...]
    share: int | None
    patience: int
    tolerance: float
    steps: int = 0
    convergence: Convergence = field(init=False)

    def __post_init__(self) -> None:
        # With one output there are no turns to take.
        self.order = self.order if len(self.order) > 1 else ()
        self.convergence = Convergence(self.patience, self.tolerance)

    @property
    def waiting(self) -> bool:
        return bool(self.order)

    def weights(self, losses: Mapping[str, float]) -> Mapping[str, float]:
        if self.order and self.steps == self.share:
            self._next()
        self.steps += 1
        return {name: float(not self.order or name == self.order[0]) for name in self.outputs}

    def looked(self, losses: Mapping[str, float]) -> None:
        if self.order and self.convergence.look(losses[self.order[0]]):
            self._next()

    def _next(self) -> None:
        self.order, self.steps = self.order[1:], 0
        self.convergence = Convergence(self.patience, self.tolerance)

"""One output after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from graftwork.training.balancing._base import Balance
from graftwork.training.stopping import Convergence


@dataclass(frozen=True)
class Sequential:
    """Trains one output until it has converged or spent its share of the steps, then the next; at last all.

    Attributes:
        order: Names of outputs in the order in which they are trained; those left out follow as they come.
        patience: Looks without a gain of its validation loss before an output has converged.
        tolerance: Least relative gain that counts.

    Example:
        >>> balance = Sequential(("sample", "digit")).start(["digit", "sample"], steps=300)
        >>> balance.weights({"digit": 1.0, "sample": 1.0})
        {'digit': 0.0, 'sample': 1.0}
    """

    order: tuple[str, ...] = ()
    patience: int = 2
    tolerance: float = 1e-3

    def start(self, outputs: Sequence[str], *, steps: int | None) -> Balance:
        """The first output."""
        first = [name for name in self.order if name in outputs]
        order = (*first, *(name for name in outputs if name not in first))
        # One share more than outputs: the last one trains them all.
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
        self.convergence = Convergence(self.patience, self.tolerance)

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

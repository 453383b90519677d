"""When training has converged."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass
class Convergence:
    """Stops after `patience` looks at validation rows without a relative gain of `tolerance`.

    Example:
        >>> convergence = Convergence(patience=2, tolerance=0.01)
        >>> [convergence.look(loss) for loss in (1.0, 0.5, 0.499, 0.498)]
        [False, False, False, True]
        >>> convergence.best
        0.498
    """

    patience: int
    tolerance: float
    best: float = math.inf
    _reference: float = math.inf
    _idle: int = 0

    def look(self, loss: float) -> bool:
        """Take one validation loss in; whether to stop."""
        self.best = min(self.best, loss)
        least = self._reference - self.tolerance * abs(self._reference)
        if loss < least or math.isinf(self._reference):
            self._reference, self._idle = loss, 0
        else:
            self._idle += 1
        return self._idle >= self.patience

    def pass_over(self, loss: float) -> None:
        """Take one validation loss in that says nothing of convergence: it may be the best, no more.

        Example:
            >>> convergence = Convergence(patience=1, tolerance=0.01)
            >>> convergence.pass_over(0.5)
            >>> convergence.best, convergence.look(0.7), convergence.look(0.7)
            (0.5, False, True)
        """
        self.best = min(self.best, loss)


class OutputConvergence:
    """Which outputs have converged, each by itself; one that gains again has not.

    Example:
        >>> convergence = OutputConvergence(["digit", "sample"], patience=1, tolerance=0.01)
        >>> _ = convergence.look({"digit": 1.0, "sample": 1.0})
        >>> sorted(convergence.look({"digit": 1.0, "sample": 0.5}))
        ['digit']
    """

    def __init__(self, outputs: Iterable[str], patience: int, tolerance: float) -> None:
        self._each = {name: Convergence(patience, tolerance) for name in outputs}

    def look(self, losses: Mapping[str, float]) -> frozenset[str]:
        """Take one validation loss an output in; the outputs that have converged."""
        return frozenset(name for name, each in self._each.items() if each.look(losses[name]))

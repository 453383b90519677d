"""When training has converged."""

from __future__ import annotations

import math
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
        if loss < self._reference * (1.0 - self.tolerance) or math.isinf(self._reference):
            self._reference, self._idle = loss, 0
        else:
            self._idle += 1
        return self._idle >= self.patience

"""More weight for outputs that have not converged."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graftwork.errors import InputError
from graftwork.training.balancing._base import Balance, check_looks, relative
from graftwork.training.stopping import OutputConvergence

RANGE = 10.0


@dataclass(frozen=True)
class Dynamic:
    """After each look the weight of an output that has converged falls, and that of the others rises.

    Weights have a mean of 1, and none is more than ten times another: an output that has converged is not let
    go of. One that gains again has not converged, and its weight rises again.

    Attributes:
        factor: By which a weight falls or rises at a look, above 1.
        patience: Looks without a gain of its validation loss before an output has converged.
        tolerance: Least relative gain that counts.

    Raises:
        InputError: A factor that is not above 1, patience below 1, or a tolerance that is not from 0 to
            below 1.

    Example:
        >>> balance = Dynamic(factor=2.0, patience=1).start(["digit", "sample"], steps=None)
        >>> for digit, sample in ((1.0, 1.0), (0.5, 1.0)):
        ...     balance.looked({"digit": digit, "sample": sample})
        >>> balance.weights({})
        {'digit': 1.6, 'sample': 0.4}
    """

    factor: float = 1.25
    patience: int = 2
    tolerance: float = 1e-3

    def __post_init__(self) -> None:
        if not (math.isfinite(self.factor) and self.factor > 1):
            raise InputError(f"factor: expected a number above 1, came {self.factor}")
        check_looks(self.patience, self.tolerance)

    def start(self, outputs: Sequence[str], *, steps: int | None, seed: int = 0) -> Balance:
        """Equal weights."""
        return _Adapting(
            self.factor,
            OutputConvergence(outputs, self.patience, self.tolerance),
            dict.fromkeys(outputs, 1.0),
        )


@dataclass
class _Adapting:
    factor: float
    convergence: OutputConvergence
    current: dict[str, float]
    waiting = False

    def weights(self, losses: Mapping[str, float]) -> Mapping[str, float]:
        return self.current

    def looked(self, losses: Mapping[str, float]) -> None:
        converged = self.convergence.look(losses)
        changed = {
            name: weight / self.factor if name in converged else weight * self.factor
            for name, weight in self.current.items()
        }
        self.current = relative(changed, range_=RANGE)

"""More weight for outputs that have not converged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graftwork.training.balancing._base import Balance, relative
from graftwork.training.stopping import OutputConvergence

_LEAST, _MOST = 0.1, 10.0


@dataclass(frozen=True)
class Dynamic:
    """After each look the weight of an output that has converged falls, and that of the others rises.

    Attributes:
        factor: By which a weight falls or rises at a look, above 1.
        patience: Looks without a gain of its validation loss before an output has converged.
        tolerance: Least relative gain that counts.

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

    def start(self, outputs: Sequence[str], *, steps: int | None) -> Balance:
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

    def weights(self, losses: Mapping[str, float]) -> Mapping[str, float]:
        return self.current

    def looked(self, losses: Mapping[str, float]) -> None:
        converged = self.convergence.look(losses)
        changed = {
            name: weight / self.factor if name in converged else weight * self.factor
            for name, weight in self.current.items()
        }
        self.current = {name: min(max(w, _LEAST), _MOST) for name, w in relative(changed).items()}

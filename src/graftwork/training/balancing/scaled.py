"""Losses divided by their running magnitude."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from graftwork.training.balancing._base import Balance, relative

_LEAST = 1e-8


@dataclass(frozen=True)
class Scaled:
    """Each loss is divided by the running mean of its magnitude, so that no output drowns another.

    Attributes:
        memory: Share of the running mean that a step keeps, from 0 to below 1.

    Example:
        >>> balance = Scaled().start(["digit", "sample"], steps=None)
        >>> balance.weights({"digit": 1.0, "sample": 3.0})
        {'digit': 1.5, 'sample': 0.5}
    """

    memory: float = 0.99

    def start(self, outputs: Sequence[str], *, steps: int | None) -> Balance:
        """A balance without memory yet."""
        return _Running(self.memory)


@dataclass
class _Running:
    memory: float
    means: dict[str, float] = field(default_factory=dict)

    def weights(self, losses: Mapping[str, float]) -> Mapping[str, float]:
        for name, loss in losses.items():
            self.means[name] = self.memory * self.means.get(name, loss) + (1.0 - self.memory) * loss
        return relative({name: 1.0 / max(abs(mean), _LEAST) for name, mean in self.means.items()})

    def looked(self, losses: Mapping[str, float]) -> None:
        pass

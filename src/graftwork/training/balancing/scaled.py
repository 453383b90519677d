"""Losses divided by their running magnitude."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from graftwork.errors import InputError
from graftwork.training.balancing._base import Balance, relative

RANGE = 100.0


@dataclass(frozen=True)
class Scaled:
    """Each loss is divided by the running mean of its magnitude, so that no output drowns another.

    No output weighs more than a hundred times another: one whose loss has all but vanished would else take
    all weight from those that still learn. Batches without a target of an output do not count for it.

    Attributes:
        memory: Share of the running mean that a step keeps, from 0 to below 1.

    Raises:
        InputError: A memory that is not from 0 to below 1.

    Example:
        >>> balance = Scaled().start(["digit", "sample"], steps=None)
        >>> balance.weights({"digit": 1.0, "sample": 3.0})
        {'digit': 1.5, 'sample': 0.5}
    """

    memory: float = 0.99

    def __post_init__(self) -> None:
        if not 0 <= self.memory < 1:
            raise InputError(f"memory: expected a number from 0 to below 1, came {self.memory}")

    def start(self, outputs: Sequence[str], *, steps: int | None, seed: int = 0) -> Balance:
        """A balance without memory yet."""
        return _Running(self.memory)


@dataclass
class _Running:
    memory: float
    means: dict[str, float] = field(default_factory=dict)
    waiting = False

    def weights(self, losses: Mapping[str, float]) -> Mapping[str, float]:
        for name, loss in losses.items():
            if loss != 0:
                size = abs(loss)
                self.means[name] = self.memory * self.means.get(name, size) + (1.0 - self.memory) * size
        largest = max(self.means.values(), default=0.0)
        floor = largest / RANGE
        return relative({name: largest / max(mean, floor) for name, mean in self.means.items()})

    def looked(self, losses: Mapping[str, float]) -> None:
        pass

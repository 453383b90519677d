"""What a balancer is: it says how the losses of several outputs become one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


class Balance(Protocol):
    """The balancer of one training, with whatever it remembers of it."""

    def weights(self, losses: Mapping[str, float]) -> Mapping[str, float]:
        """The weight of every output in this step, of its training loss; 1 where none is given."""
        ...

    def looked(self, losses: Mapping[str, float]) -> None:
        """Take the validation loss of every output in, after each look."""
        ...


class Balancer(Protocol):
    """How losses are balanced; a value without memory. `start` gives each training a balance of its own.

    Every loss is on a scale on which the trivial prediction costs about 1 (log K for K classes), so equal
    weights are a fair start.
    """

    def start(self, outputs: Sequence[str], *, steps: int | None) -> Balance:
        """The balance of a training on these outputs, of so many steps at most where that is known."""
        ...


@dataclass
class Fixed:
    """Weights that stay as they are."""

    fixed: Mapping[str, float]

    def weights(self, losses: Mapping[str, float]) -> Mapping[str, float]:
        """The weights."""
        return self.fixed

    def looked(self, losses: Mapping[str, float]) -> None:
        """Nothing is learnt from a look."""


def relative(weights: Mapping[str, float]) -> dict[str, float]:
    """The same weights with a mean of 1, so that their balance with the KL of decoders stays.

    Example:
        >>> relative({"digit": 3.0, "sample": 1.0})
        {'digit': 1.5, 'sample': 0.5}
    """
    mean = sum(weights.values()) / len(weights)
    return {name: weight / mean for name, weight in weights.items()}

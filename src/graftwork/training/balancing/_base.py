"""What a balancer is: it says how the losses of several outputs become one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from graftwork.errors import InputError


class Balance(Protocol):
    """The balancer of one training, with whatever it remembers of it."""

    @property
    def waiting(self) -> bool:
        """Whether an output has not had its turn yet; training does not converge before."""
        ...

    def weights(self, losses: Mapping[str, float]) -> Mapping[str, float]:
        """The weight of every output in this step, of its training loss; 1 where none is given.

        A loss of exactly 0 is that of a batch in which the output has no target.
        """
        ...

    def looked(self, losses: Mapping[str, float]) -> None:
        """Take the validation loss of every output in, after each look."""
        ...


class Balancer(Protocol):
    """How losses are balanced; a value without memory. `start` gives each training a balance of its own.

    Every loss is on a scale on which the trivial prediction costs about 1 (log K for K classes), so equal
    weights are a fair start. The KL of a decoder is weighted as the output that it leads to: how an output is
    weighed against others says nothing of what its own two terms are to each other.

    Its `repr` tells all of it: by that a run folder is known to hold what was balanced so.
    """

    def start(self, outputs: Sequence[str], *, steps: int | None, seed: int = 0) -> Balance:
        """The balance of a training on these outputs.

        Args:
            outputs: Names of the outputs that are trained.
            steps: Most steps of the training, where that is known.
            seed: Seed of whatever is drawn.
        """
        ...


@dataclass
class Fixed:
    """Weights that stay as they are."""

    fixed: Mapping[str, float]
    waiting = False

    def weights(self, losses: Mapping[str, float]) -> Mapping[str, float]:
        """The weights."""
        return self.fixed

    def looked(self, losses: Mapping[str, float]) -> None:
        """Nothing is learnt from a look."""


def relative(weights: Mapping[str, float], *, range_: float = math.inf) -> dict[str, float]:
    """The same weights with a mean of 1, the least lifted to `1 / range_` of the largest.

    Example:
        >>> relative({"digit": 3.0, "sample": 1.0})
        {'digit': 1.5, 'sample': 0.5}
        >>> relative({"digit": 9.0, "sample": 1.0}, range_=3.0)
        {'digit': 1.5, 'sample': 0.5}
    """
    least = max(weights.values(), default=0.0) / range_
    lifted = {name: max(weight, least) for name, weight in weights.items()}
    total = math.fsum(lifted.values())
    return {name: len(lifted) * weight / total for name, weight in lifted.items()}


def check_looks(patience: int, tolerance: float) -> None:
    """Refuse what says of no output when it has converged.

    Raises:
        InputError: Patience below 1, or a tolerance that is not from 0 to below 1.
    """
    if patience < 1:
        raise InputError(f"patience: expected 1 look or more, came {patience}")
    if not 0 <= tolerance < 1:
        raise InputError(f"tolerance: expected a number from 0 to below 1, came {tolerance}")

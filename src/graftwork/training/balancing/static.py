"""Fixed weights."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from graftwork.errors import InputError
from graftwork.training.balancing._base import Balance, Fixed


@dataclass(frozen=True)
class Static:
    """A weighted sum with fixed weights, 1 unless given.

    Attributes:
        given: Weight of an output, by its name.

    Raises:
        InputError: A weight is negative or not finite.

    Example:
        >>> balance = Static({"digit": 2.0}).start(["digit", "sample"], steps=None)
        >>> balance.weights({"digit": 1.0, "sample": 3.0})
        {'digit': 2.0, 'sample': 1.0}
    """

    given: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, weight in self.given.items():
            if not (math.isfinite(weight) and weight >= 0):
                raise InputError(f"weight of output {name!r}: expected a number of 0 or more, came {weight}")
        # In one order and of one type, so that equal weights are told alike.
        own = {name: float(self.given[name]) for name in sorted(self.given)}
        object.__setattr__(self, "given", own)

    def start(self, outputs: Sequence[str], *, steps: int | None, seed: int = 0) -> Balance:
        """The weights of these outputs."""
        return Fixed({name: self.given.get(name, 1.0) for name in outputs})

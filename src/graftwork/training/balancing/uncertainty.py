"""Weights by learnt uncertainty."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graftwork.training.balancing._base import Balance


@dataclass(frozen=True)
class Uncertainty:
    """Learns a variance s of each output: loss / exp(s) + s is minimised, over weights and s alike.

    Source: Kendall, Gal and Cipolla, "Multi-Task Learning Using Uncertainty to Weigh Losses for Scene
    Geometry and Semantics" (CVPR 2018).

    Attributes:
        rate: Size of a step of s down its gradient.

    Example:
        >>> balance = Uncertainty(rate=0.5).start(["digit"], steps=None)
        >>> balance.weights({"digit": 3.0}), balance.weights({"digit": 3.0})
        ({'digit': 1.0}, {'digit': 0.36787944117144233})
    """

    rate: float = 0.01

    def start(self, outputs: Sequence[str], *, steps: int | None) -> Balance:
        """Equal variances."""
        return _Learning(self.rate, dict.fromkeys(outputs, 0.0))


@dataclass
class _Learning:
    rate: float
    logs: dict[str, float]

    def weights(self, losses: Mapping[str, float]) -> Mapping[str, float]:
        current = {name: math.exp(-value) for name, value in self.logs.items()}
        for name, loss in losses.items():
            # Bounded: a loss that explodes for one step may not turn an output off for good.
            gradient = min(max(1.0 - current[name] * loss, -1e3), 1.0)
            self.logs[name] = min(max(self.logs[name] - self.rate * gradient, -5.0), 5.0)
        return current

    def looked(self, losses: Mapping[str, float]) -> None:
        pass

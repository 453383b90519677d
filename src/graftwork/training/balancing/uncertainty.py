"""Weights by learnt uncertainty."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graftwork.errors import InputError
from graftwork.training.balancing._base import Balance, relative

_STEEPEST, _FARTHEST = -1e2, 5.0


@dataclass(frozen=True)
class Uncertainty:
    """Learns a variance exp(s) of each output: loss / exp(s) + s is minimised, over weights and s alike.

    Source: Kendall, Gal and Cipolla, "Multi-Task Learning Using Uncertainty to Weigh Losses for Scene
    Geometry and Semantics" (CVPR 2018). There a regression has loss / (2 exp(s)) + s / 2, half of this, and a
    classification has loss / exp(s) + s / 2; at their optimum both weigh 1 / (2 loss), so that one form does
    for every kind of output, a generation with the KL of its decoder too. Here s takes plain steps down its
    gradient, and weights have a mean of 1: Adam makes nothing of a factor that all losses share.

    It goes where `Scaled` goes, to weights in proportion to 1 / loss, but slowly, from equal weights.

    Attributes:
        rate: Size of a step of s down its gradient, above 0 and below 1.

    Raises:
        InputError: A rate that is not between 0 and 1.

    Example:
        >>> balance = Uncertainty(rate=0.5).start(["digit", "sample"], steps=None)
        >>> for _ in range(2):
        ...     weights = balance.weights({"digit": 3.0, "sample": 1.0})
        >>> {name: round(weight, 3) for name, weight in weights.items()}
        {'digit': 0.538, 'sample': 1.462}
    """

    rate: float = 0.01

    def __post_init__(self) -> None:
        if not 0 < self.rate < 1:
            raise InputError(f"rate: expected a number between 0 and 1, came {self.rate}")

    def start(self, outputs: Sequence[str], *, steps: int | None, seed: int = 0) -> Balance:
        """Equal variances."""
        return _Learning(self.rate, dict.fromkeys(outputs, 0.0))


@dataclass
class _Learning:
    rate: float
    logs: dict[str, float]
    waiting = False

    def weights(self, losses: Mapping[str, float]) -> Mapping[str, float]:
        current = {name: math.exp(-value) for name, value in self.logs.items()}
        for name, loss in losses.items():
            if loss != 0:
                self._learn(name, 1.0 - current[name] * loss)
        return relative(current)

    def looked(self, losses: Mapping[str, float]) -> None:
        pass

    def _learn(self, name: str, gradient: float) -> None:
        # Bounded: a loss that explodes for one step may not turn an output off for hundreds.
        moved = self.logs[name] - self.rate * max(gradient, _STEEPEST)
        self.logs[name] = min(max(moved, -_FARTHEST), _FARTHEST)

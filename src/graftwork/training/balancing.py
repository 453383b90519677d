"""How the losses of several outputs become one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from torch import Tensor


class Balancer(Protocol):
    """Turns the losses of outputs into the one that is minimised."""

    def __call__(self, losses: Mapping[str, Tensor]) -> Tensor:
        """One scalar out of a scalar an output."""
        ...


@dataclass(frozen=True)
class StaticBalancer:
    """A weighted sum with fixed weights, 1 unless given.

    Every loss is on a scale on which the trivial prediction costs about 1 (log K for K classes), so equal
    weights are a fair start.

    Example:
        >>> import torch
        >>> losses = {"digit": torch.tensor(1.0), "histogram": torch.tensor(3.0)}
        >>> float(StaticBalancer({"digit": 2.0})(losses))
        5.0
    """

    weights: Mapping[str, float] = field(default_factory=dict)

    def __call__(self, losses: Mapping[str, Tensor]) -> Tensor:
        terms = [self.weights.get(name, 1.0) * loss for name, loss in losses.items()]
        return sum(terms[1:], start=terms[0])

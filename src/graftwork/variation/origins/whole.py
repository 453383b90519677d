"""Whole parameters: kept, from another model, or made of nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graftwork.variation.origins._base import Origin, Weights

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, slots=True)
class Kept(Origin):
    """Bit for bit the parent's parameter of this name."""

    parameter: str

    def value(self, weights: Weights) -> Tensor:
        return weights.parent[self.parameter].clone()

    def __str__(self) -> str:
        return self.parameter


@dataclass(frozen=True, slots=True)
class Grafted(Origin):
    """Bit for bit the parameter of this name of another model, the donor."""

    parameter: str

    def value(self, weights: Weights) -> Tensor:
        return weights.donor[self.parameter].clone()

    def __str__(self) -> str:
        return f"{self.parameter} of the donor"


@dataclass(frozen=True, slots=True)
class Fresh(Origin):
    """Drawn anew by the network's initialiser; a gain is 1."""

    def value(self, weights: Weights) -> Tensor:
        return weights.draw(weights.shape)

    def __str__(self) -> str:
        return "drawn anew"


@dataclass(frozen=True, slots=True)
class Zeros(Origin):
    """Zero, so that what reads through it starts by adding nothing."""

    def value(self, weights: Weights) -> Tensor:
        import torch

        return torch.zeros(weights.shape)

    def __str__(self) -> str:
        return "zero"


@dataclass(frozen=True, slots=True)
class Ones(Origin):
    """One, so that what is scaled by it stays as it is."""

    def value(self, weights: Weights) -> Tensor:
        import torch

        return torch.ones(weights.shape)

    def __str__(self) -> str:
        return "one"


@dataclass(frozen=True, slots=True)
class Identity(Origin):
    """Hands on what it reads: the unit matrix, or kernels with 1 in their middle from a channel to itself.

    Units beyond those that are read are zero.
    """

    def value(self, weights: Weights) -> Tensor:
        import torch

        value = torch.zeros(weights.shape)
        middle = tuple(size // 2 for size in weights.shape[2:])
        units = torch.arange(min(weights.shape[:2]))
        value[(units, units, *middle)] = 1.0  # type: ignore[index]
        return value

    def __str__(self) -> str:
        return "the identity"

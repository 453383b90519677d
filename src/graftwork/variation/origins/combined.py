"""Parameters made of several others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graftwork.architecture import Shape
from graftwork.variation.origins._base import Origin, Weights

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, slots=True)
class Composed(Origin):
    """One linear step in place of two: the second's weights applied to what the first makes.

    Of a bias (the first is a vector) the second's own bias is added.
    """

    second: Origin
    first: Origin
    bias: Origin | None = None

    def value(self, weights: Weights) -> Tensor:
        product = self.second.value(weights) @ self.first.value(weights)
        return product if self.bias is None else product + self.bias.value(weights)

    def __str__(self) -> str:
        more = "" if self.bias is None else f", plus {self.bias}"
        return f"({self.second}) applied to ({self.first}){more}"


@dataclass(frozen=True, slots=True)
class Scaled(Origin):
    """Another origin times a scalar parameter of the parent, such as a gain."""

    of: Origin
    gain: str

    def value(self, weights: Weights) -> Tensor:
        return self.of.value(weights) * weights.parent[self.gain]

    def __str__(self) -> str:
        return f"{self.of} times {self.gain}"


@dataclass(frozen=True, slots=True)
class Blocks(Origin):
    """Several origins put into one parameter of zeros, each from a corner on; where they overlap they add up.

    Attributes:
        parts: Each origin with its shape and the place of its first number along each axis.
    """

    parts: tuple[tuple[Origin, Shape, tuple[int, ...]], ...]

    def value(self, weights: Weights) -> Tensor:
        import torch

        whole = torch.zeros(weights.shape)
        for origin, shape, corner in self.parts:
            place = tuple(slice(start, start + size) for start, size in zip(corner, shape, strict=True))
            part = Weights(weights.parent, weights.donor, shape, weights.draw)
            whole[place] += origin.value(part)
        return whole

    def __str__(self) -> str:
        return " and ".join(f"({origin}) from {corner}" for origin, _, corner in self.parts) + ", else zero"

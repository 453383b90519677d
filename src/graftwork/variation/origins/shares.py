"""Random parts of parameters that add up to the whole, for twins and copies of units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graftwork.architecture import Shape
from graftwork.runtime import torch_generator
from graftwork.variation.origins._base import Origin, Weights

if TYPE_CHECKING:
    from torch import Tensor


_SHARE_LIMITS = (0.2, 0.8)


@dataclass(frozen=True, slots=True)
class Shared(Origin):
    """An uneven random part of the parent's parameter, weight by weight.

    Two shares with one `seed`, one of them the `remainder`, add up to the whole. Exact halves would leave
    twins identical for ever: they would get the same gradients.
    """

    parameter: str
    seed: int
    remainder: bool

    def value(self, weights: Weights) -> Tensor:
        whole = weights.parent[self.parameter]
        share = whole * _drawn_shares(whole.shape, self.seed, self.parameter)
        return whole - share if self.remainder else share

    def __str__(self) -> str:
        return f"{'the rest' if self.remainder else 'a random part'} of {self.parameter}, weight by weight"


@dataclass(frozen=True, slots=True)
class Divided(Origin):
    """Weights that read units which now come more than once: each copy gets an uneven random part.

    The parts of one weight add up to it, so that what is read stays the same while the copies can part.

    Attributes:
        of: The weights before, which read each unit once, along axis 1.
        units: For each copy the unit that it is one of.
        seed: Of the parts.
    """

    of: Origin
    units: tuple[int, ...]
    seed: int

    def value(self, weights: Weights) -> Tensor:
        import torch

        whole = self.of.value(weights)
        numbers = torch.tensor(self.units)
        wide = whole.index_select(1, numbers)
        parts = _drawn_shares(wide.shape, self.seed, "divided")
        sums = torch.zeros_like(whole).index_add_(1, numbers, parts)
        return wide * (parts / sums.index_select(1, numbers))

    def __str__(self) -> str:
        copies = len(self.units) - len(set(self.units))
        return f"{self.of}, with random parts of its weights for {copies} copies"


def _drawn_shares(shape: Shape, seed: int, purpose: str) -> Tensor:
    import torch

    low, high = _SHARE_LIMITS
    drawn = torch.rand(shape, generator=torch_generator(seed, purpose, "share"))
    return low + (high - low) * drawn

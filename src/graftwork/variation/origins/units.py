"""Some units of a parameter: those that are named, or those that matter most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graftwork.variation.origins._base import Origin, Weights

if TYPE_CHECKING:
    from torch import Tensor


_ROWS = ("rows", "columns")


@dataclass(frozen=True, slots=True)
class Picked(Origin):
    """Some units of another origin along one axis, in this order; a unit can come more than once.

    Attributes:
        of: What is picked from.
        axis: 0 for what computes the units, 1 for what reads them.
        units: Numbers of the units.
        block: Numbers in a row that belong to one unit: the positions of a map that is computed whole.
    """

    of: Origin
    axis: int
    units: tuple[int, ...]
    block: int = 1

    def value(self, weights: Weights) -> Tensor:
        whole = self.of.value(weights)
        return whole.index_select(self.axis, _numbers(self.units, self.block))

    def __str__(self) -> str:
        again = sum(count > 1 for count in Counter(self.units).values())
        more = f", {again} of them more than once" if again else ""
        return f"{len(set(self.units))} {_ROWS[self.axis]} of {self.of}{more}"


@dataclass(frozen=True, slots=True)
class Salience:
    """How much units of a layer matter: the norm of what computes each, times that of what reads it.

    Source: the magnitude criterion of Li et al., "Pruning Filters for Efficient ConvNets" (ICLR 2017), of
    both sides.

    Attributes:
        computes: Parameters whose rows compute the units, with the numbers in a row that belong to a unit.
        reads: Parameters whose columns read them.
        keep: How many are kept: the most salient.
    """

    computes: tuple[tuple[str, int], ...]
    reads: tuple[str, ...]
    keep: int

    def units(self, parent: Mapping[str, Tensor]) -> tuple[int, ...]:
        """Numbers of the units that are kept, ascending."""
        import torch

        squares = [
            parent[name].unflatten(0, (-1, block)).flatten(1).square().sum(1) for name, block in self.computes
        ]
        read = [parent[name].transpose(0, 1).flatten(1).square().sum(1) for name in self.reads]
        salience = torch.stack(squares).sum(0) * torch.stack(read).sum(0)
        kept = torch.sort(salience, descending=True, stable=True).indices[: self.keep]
        return tuple(sorted(kept.tolist()))

    def __str__(self) -> str:
        return f"the {self.keep} most salient"


@dataclass(frozen=True, slots=True)
class MostSalient(Origin):
    """The most salient units of another origin along one axis; which they are, the weights say."""

    of: Origin
    axis: int
    salience: Salience
    block: int = 1

    def value(self, weights: Weights) -> Tensor:
        units = self.salience.units(weights.parent)
        return self.of.value(weights).index_select(self.axis, _numbers(units, self.block))

    def __str__(self) -> str:
        return f"{self.salience} {_ROWS[self.axis]} of {self.of}"


def _numbers(units: tuple[int, ...], block: int) -> Tensor:
    import torch

    first = torch.tensor(units) * block
    return (first[:, None] + torch.arange(block)).flatten()

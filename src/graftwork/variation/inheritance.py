"""Where every weight of a child comes from, as a plan that can be read before it is carried out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graftwork.architecture import Architecture, Shape, parameter_shapes
from graftwork.errors import InputError
from graftwork.runtime import torch_generator

if TYPE_CHECKING:
    from torch import Tensor

_SHARE_LIMITS = (0.2, 0.8)


@dataclass(frozen=True)
class Weights:
    """What an origin is carried out with.

    Attributes:
        parent: The parent's parameters by name.
        donor: Those of the model from which a network is grafted; none elsewhere.
        shape: Shape of the parameter that is asked for.
        draw: Draws numbers of a shape as the network's initialiser does.
    """

    parent: Mapping[str, Tensor]
    donor: Mapping[str, Tensor]
    shape: Shape
    draw: Callable[[Shape], Tensor]


class Origin(ABC):
    """Where one parameter of a child comes from.

    Origins are values: they are made before there are any weights, can be read (`str`), and nest: what is
    picked, shared out or put together is an origin itself. Those that pick, divide or compose take origins
    that know their own shape, such as `Kept`; what is drawn, zero or the identity has the shape that is asked
    for, and nests in `Blocks` and `Scaled`.
    """

    @abstractmethod
    def value(self, weights: Weights) -> Tensor:
        """The parameter, in memory of its own."""

    @abstractmethod
    def __str__(self) -> str: ...


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

    Where there are more units than are read, `extra` says whether the others are drawn anew or zero.
    """

    extra: Origin = Zeros()

    def value(self, weights: Weights) -> Tensor:
        import torch

        after, before = weights.shape[:2]
        value = self.extra.value(weights)
        value[:before] = 0.0
        middle = tuple(size // 2 for size in weights.shape[2:])
        units = torch.arange(min(after, before))
        value[(units, units, *middle)] = 1.0  # type: ignore[index]
        return value

    def __str__(self) -> str:
        return f"the identity, further rows {self.extra}"


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


_ROWS = ("rows", "columns")


def inheritance_plan(
    parent: Architecture, child: Architecture, origins: Mapping[str, Origin]
) -> Mapping[str, Origin]:
    """The origin of every parameter of `child`.

    What `origins` does not name keeps the parent's value where a parameter of the same name and shape is
    there, and is drawn fresh elsewhere.

    Raises:
        InputError: `origins` names what is no parameter of the child.
    """
    before, after = parameter_shapes(parent), parameter_shapes(child)
    if strange := sorted(set(origins) - set(after)):
        raise InputError(f"origins name '{strange[0]}', which is no parameter of the child")
    return {
        name: origins.get(name) or (Kept(name) if before.get(name) == shape else Fresh())
        for name, shape in after.items()
    }


def network_parameters(architecture: Architecture, name: str) -> list[str]:
    """Names of the parameters of one network."""
    return [p for p in parameter_shapes(architecture) if p.startswith(f"networks.{name}.")]


def output_layer(architecture: Architecture, name: str) -> list[str]:
    """Names of the parameters of a network's output layer; its first layer where it has no hidden one."""
    last, prefix = len(architecture.network(name).hidden), f"networks.{name}."
    parts = (f"weight_{last}", f"bias_{last}") if last else ("from_", "bias_0")
    return [p for p in network_parameters(architecture, name) if p.removeprefix(prefix).startswith(parts)]


def _drawn_shares(shape: Shape, seed: int, purpose: str) -> Tensor:
    import torch

    low, high = _SHARE_LIMITS
    drawn = torch.rand(shape, generator=torch_generator(seed, purpose, "share"))
    return low + (high - low) * drawn


def _numbers(units: tuple[int, ...], block: int) -> Tensor:
    import torch

    first = torch.tensor(units) * block
    return (first[:, None] + torch.arange(block)).flatten()

"""Where every weight of a child comes from, as a plan that can be read before it is carried out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from graftwork.architecture import Architecture, parameter_shapes


@dataclass(frozen=True, slots=True)
class Kept:
    """Bit for bit the parent's parameter of this name."""

    parameter: str


@dataclass(frozen=True, slots=True)
class Fresh:
    """Drawn anew by the network's initialiser; a gain is 1."""


@dataclass(frozen=True, slots=True)
class Zeros:
    """Zero, so that what reads through it starts by adding nothing."""


@dataclass(frozen=True, slots=True)
class Shared:
    """An uneven random part of the parent's parameter, weight by weight.

    Two shares with one `seed`, one of them the `remainder`, add up to the whole. Exact halves would leave
    twins identical for ever: they would get the same gradients.
    """

    parameter: str
    seed: int
    remainder: bool


Origin = Kept | Fresh | Zeros | Shared


def inheritance_plan(
    parent: Architecture, child: Architecture, origins: Mapping[str, Origin]
) -> Mapping[str, Origin]:
    """The origin of every parameter of `child`.

    What `origins` does not name keeps the parent's value where a parameter of the same name and shape is
    there, and is drawn fresh elsewhere.
    """
    before = parameter_shapes(parent)
    return {
        name: origins.get(name) or (Kept(name) if before.get(name) == shape else Fresh())
        for name, shape in parameter_shapes(child).items()
    }


def network_parameters(architecture: Architecture, name: str) -> list[str]:
    """Names of the parameters of one network."""
    return [p for p in parameter_shapes(architecture) if p.startswith(f"networks.{name}.")]


def output_layer(architecture: Architecture, name: str) -> list[str]:
    """Names of the parameters of a network's output layer; its first layer where it has no hidden one."""
    last, prefix = len(architecture.network(name).hidden), f"networks.{name}."
    parts = (f"weight_{last}", f"bias_{last}") if last else ("from_", "bias_0")
    return [p for p in network_parameters(architecture, name) if p.removeprefix(prefix).startswith(parts)]

"""The plan of inheritance: for every parameter of a child, where its value comes from."""

from __future__ import annotations

from collections.abc import Mapping

from graftwork.architecture import Architecture, parameter_shapes
from graftwork.errors import InputError
from graftwork.variation.origins import Fresh, Kept, Origin


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

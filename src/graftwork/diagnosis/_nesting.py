"""Which submodules lie within which."""

from __future__ import annotations

from collections.abc import Mapping

from torch import nn


class Nesting:
    """Components of a module, and what it is made of besides.

    Attributes:
        units: The components, then the largest submodules that are no component, hold none and lie in none:
            what these give can be used again.
    """

    def __init__(self, module: nn.Module, components: Mapping[str, nn.Module]) -> None:
        self.units = {**components, **_idle_parts(module, components)}
        self._components = tuple(components)
        self._inside = {name: _names_inside(unit, components) for name, unit in self.units.items()}

    def around(self, name: str) -> frozenset[str]:
        """Units within which a component lies."""
        return frozenset(unit for unit, inside in self._inside.items() if name in inside)

    def side_by_side(self, source: str, target: str) -> bool:
        """Whether no component lies around one of the two alone: that one would be who gives or is given."""
        return all(
            (source in inside) == (target in inside)
            for inside in map(self._inside.get, self._components)
            if inside
        )


def _names_inside(unit: nn.Module, components: Mapping[str, nn.Module]) -> frozenset[str]:
    inside = {id(part) for part in unit.modules()} - {id(unit)}
    return frozenset(name for name, module in components.items() if id(module) in inside)


def _idle_parts(module: nn.Module, components: Mapping[str, nn.Module]) -> dict[str, nn.Module]:
    wanted = {id(each) for each in components.values()}
    found: dict[str, nn.Module] = {}

    def look(prefix: str, part: nn.Module) -> None:
        for name, child in part.named_children():
            if id(child) in wanted:
                continue
            if any(id(each) in wanted for each in child.modules()):
                look(f"{prefix}{name}.", child)
            else:
                found[f"{prefix}{name}"] = child

    look("", module)
    unique = {id(part): (name, part) for name, part in reversed(found.items())}
    return dict(unique.values())

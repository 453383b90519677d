"""What an architecture needs to know of a problem: what goes in and what is to come out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from graftwork.architecture._graph import InputNode, OutputKind, OutputNode
from graftwork.architecture._node_rules import OUTPUT_KINDS, is_port_name, is_width
from graftwork.errors import InputError


class _HasWidth(Protocol):
    @property
    def width(self) -> int: ...


class _HasKindAndWidth(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def width(self) -> int: ...


class Interface(Protocol):
    """A problem, as far as an architecture depends on it: names, widths and kinds."""

    @property
    def inputs(self) -> Mapping[str, _HasWidth]: ...
    @property
    def outputs(self) -> Mapping[str, _HasKindAndWidth]: ...


def interface(problem: Interface) -> tuple[tuple[InputNode, ...], tuple[OutputNode, ...]]:
    """The inputs and outputs that an architecture for this problem has.

    Raises:
        InputError: There are none, or one's name, width or kind does not do.
    """
    _check_interface(problem)
    inputs = tuple(InputNode(name, node.width) for name, node in problem.inputs.items())
    outputs = tuple(
        OutputNode(name, _kind(name, node.kind), node.width) for name, node in problem.outputs.items()
    )
    return inputs, outputs


def _check_interface(problem: Interface) -> None:
    for role, nodes in (("input", problem.inputs), ("output", problem.outputs)):
        if not nodes:
            raise InputError(f"the problem has no {role}, expected at least one")
        for name, node in nodes.items():
            if not is_port_name(name):
                raise InputError(f"{role} {name!r} must be called by an identifier other than n and a number")
            if not is_width(node.width):
                raise InputError(f"{role} {name!r} must have a positive whole width, got {node.width!r}")
    if shared := sorted(set(problem.inputs) & set(problem.outputs)):
        raise InputError(f"an input and an output are both called {shared[0]!r}; rename one")


def _kind(name: str, kind: str) -> OutputKind:
    for known in OUTPUT_KINDS:
        if kind == known:
            return known
    raise InputError(
        f"output {name!r} is of unknown kind {kind!r}, expected one of {', '.join(OUTPUT_KINDS)}"
    )

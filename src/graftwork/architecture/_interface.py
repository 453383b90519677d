"""What an architecture needs to know of a problem: what goes in and what is to come out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from graftwork.architecture._graph import InputNode, OutputKind, OutputNode, Shape
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
    """A problem, as far as an architecture depends on it: names, widths and kinds.

    An input or output of three dimensions, whose `shape` is (channels, height, width), is of images. An input
    with `categories` is a code from 0 on.
    """

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
    inputs = tuple(
        InputNode(name, node.width, image_shape(node), categories(node))
        for name, node in problem.inputs.items()
    )
    outputs = tuple(
        OutputNode(name, _kind(name, node.kind), node.width, _output_shape(node))
        for name, node in problem.outputs.items()
    )
    return inputs, outputs


def image_shape(node: object) -> Shape:
    """The shape of a problem's input or output where it is of images, () elsewhere."""
    shape = getattr(node, "shape", None)
    return tuple(map(int, shape)) if isinstance(shape, tuple) and len(shape) == 3 else ()


def categories(node: object) -> int:
    """How many codes an input of a problem can have; 0 where it is no categorical one."""
    count = getattr(node, "categories", None)
    return len(count) if isinstance(count, tuple) else 0


def _output_shape(node: _HasKindAndWidth) -> Shape:
    return image_shape(node) if node.kind == "generation" else ()


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

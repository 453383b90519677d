"""Rows of a user's batches, and how a module is called with them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_flatten, tree_map, tree_unflatten

from graftwork.errors import InputError

Tree = Any


@dataclass(frozen=True, eq=False)
class Rows:
    """Inputs and targets of some rows; every tensor has the rows first.

    Attributes:
        inputs: As the batches gave them.
        targets: As the batches gave them.
        count: Number of rows.
    """

    inputs: Tree
    targets: Tree
    count: int

    def chosen(self, index: slice | Sequence[int]) -> Rows:
        """Some of the rows."""
        count = len(range(self.count)[index]) if isinstance(index, slice) else len(index)
        rows = index if isinstance(index, slice) else list(index)

        def pick(leaf: Any) -> Any:
            return leaf[rows] if isinstance(leaf, Tensor) else leaf

        return Rows(tree_map(pick, self.inputs), tree_map(pick, self.targets), count)


def read_batches(batches: Iterable[Any], rows: int, device: torch.device) -> Rows:
    """The first rows of some batches, joined.

    Args:
        batches: Pairs (inputs, targets), or (inputs, target, target, ...); nests of tensors with the rows
        first. rows: Most rows.
        device: Where they are put.

    Raises:
        InputError: A batch is no such pair, or does not fit the others.
    """
    if isinstance(batches, Tensor | Mapping | str) or not isinstance(batches, Iterable):
        raise InputError(
            f"batches: expected an iterable of (inputs, targets), came {type(batches).__name__}; "
            "a single batch goes into a list: [(inputs, targets)]"
        )
    parts: list[tuple[list[Any], Any, int]] = []
    for number, batch in enumerate(batches):
        leaves, tree = tree_flatten(_pair(number, batch))
        count = _count(number, leaves)
        if parts and tree != parts[0][1]:
            raise InputError(
                f"batch {number}: expected the same nest of tensors as batch 0, came another one"
            )
        parts.append((leaves, tree, count))
        if sum(part[2] for part in parts) >= rows:
            break
    if not parts or not sum(part[2] for part in parts):
        raise InputError("batches: expected at least one row, came none")
    joined = [_joined([part[0][place] for part in parts], rows, device) for place in range(len(parts[0][0]))]
    inputs, targets = tree_unflatten(joined, parts[0][1])
    return Rows(inputs, targets, min(rows, sum(part[2] for part in parts)))


def _pair(number: int, batch: Any) -> tuple[Tree, Tree]:
    if not isinstance(batch, Sequence) or isinstance(batch, str) or len(batch) < 2:
        raise InputError(
            f"batch {number}: expected (inputs, targets) or (inputs, target, target, ...), "
            f"came {type(batch).__name__}"
        )
    return batch[0], batch[1] if len(batch) == 2 else tuple(batch[1:])


def _count(number: int, leaves: list[Any]) -> int:
    sizes = {tuple(leaf.shape)[:1] for leaf in leaves if isinstance(leaf, Tensor)}
    if len(sizes) != 1 or () in sizes:
        shapes = ", ".join(str(tuple(leaf.shape)) for leaf in leaves if isinstance(leaf, Tensor))
        kinds = ", ".join(sorted({type(leaf).__name__ for leaf in leaves}))
        came = f"shapes {shapes}" if shapes else f"{kinds} and no tensor; torch.as_tensor makes one"
        raise InputError(
            f"batch {number}: expected tensors of inputs and targets with the same number of rows first, "
            f"came {came}"
        )
    return int(next(iter(sizes))[0])


def _joined(leaves: list[Any], rows: int, device: torch.device) -> Any:
    if not isinstance(leaves[0], Tensor):
        return leaves[0]
    shapes = {tuple(leaf.shape[1:]) for leaf in leaves}
    if len(shapes) > 1:
        raise InputError(
            f"batches: expected rows of one shape, came {' and '.join(map(str, sorted(shapes)))}; pad them"
        )
    return torch.cat(leaves)[:rows].detach().to(device)


def caller(module: nn.Module, inputs: Tree) -> Callable[[Tree], Any]:
    """How a module is called with inputs: a tuple is its arguments, a mapping by its keys, else one argument.

    A mapping is passed by its keys where `forward` has parameters of all these names, and else as one
    argument.
    """
    if isinstance(inputs, tuple | list):
        return lambda given: module(*given)
    if isinstance(inputs, Mapping):
        parameters = inspect.signature(module.forward).parameters
        if all(isinstance(key, str) and key in parameters for key in inputs):
            return lambda given: module(**given)
    return lambda given: module(given)

"""Where a component hands on the rows: which tensors, in which dimension."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from graftwork.diagnosis._wiring import Call
from graftwork.errors import InputError


@dataclass(frozen=True)
class Slot:
    """One tensor that a component gives, and which of its dimensions is that of rows.

    Attributes:
        call: The number of the call.
        leaf: Its place among the leaves of what is returned.
        dimension: The dimension of rows.
    """

    call: int
    leaf: int
    dimension: int


def find_slots(
    name: str, calls: Sequence[Call], two: Sequence[Call], three: Sequence[Call], rows: int
) -> list[Slot]:
    """The tensors of floating point that grow with the rows.

    Args:
        name: The component.
        calls: Its calls in a pass of so many rows.
        two: In a pass of two rows.
        three: In a pass of three rows.
        rows: How many rows `calls` are about.

    Raises:
        InputError: The calls do not tell in which dimension the rows lie.
    """
    if not len(calls) == len(two) == len(three):
        raise InputError(
            f"component '{name}': expected as many calls of it whatever the rows, came {len(calls)} for "
            f"{rows} rows, {len(two)} for 2 and {len(three)} for 3; name the submodule around it"
        )
    slots = []
    for number, (call, small, large) in enumerate(zip(calls, two, three, strict=True)):
        for place, leaf in enumerate(call.leaves):
            if isinstance(leaf, Tensor) and leaf.is_floating_point():
                dimension = _row_dimension(name, leaf, small.leaves[place], large.leaves[place], rows)
                if dimension is not None:
                    slots.append(Slot(number, place, dimension))
    return slots


def _row_dimension(name: str, leaf: Tensor, two: Tensor, three: Tensor, rows: int) -> int | None:
    """The dimension that grows with the rows; none where there is none."""
    if not two.dim() == three.dim() == leaf.dim():
        raise InputError(
            f"component '{name}': expected as many dimensions whatever the rows; name another one"
        )
    growing = [place for place in range(leaf.dim()) if two.shape[place] != three.shape[place]]
    if not growing:
        return None
    (dimension, *more) = growing
    if more or two.shape[dimension] != 2 or leaf.shape[dimension] != rows:
        raise InputError(
            f"component '{name}': expected one dimension of rows in what it gives, came shape "
            f"{tuple(leaf.shape)} for {rows} rows; name the submodule around it"
        )
    return dimension


def side_by_side(calls: Sequence[Call], slots: Sequence[Slot], rows: int) -> Tensor:
    """All that is given for a row, in all calls: (rows, units)."""
    parts = [
        calls[slot.call].leaves[slot.leaf].movedim(slot.dimension, 0).reshape(rows, -1) for slot in slots
    ]
    return torch.cat(parts, dim=1) if parts else torch.zeros(rows, 0)


def taken_apart(flat: Tensor, calls: Sequence[Call], slots: Sequence[Slot]) -> list[dict[int, Tensor]]:
    """The other way round: for each call, what stands in the place of which leaf."""
    made: list[dict[int, Tensor]] = [{} for _ in calls]
    start = 0
    for slot in slots:
        leaf = calls[slot.call].leaves[slot.leaf]
        moved = leaf.movedim(slot.dimension, 0)
        width = moved[0].numel()
        part = flat[:, start : start + width].reshape(moved.shape).movedim(0, slot.dimension)
        made[slot.call][slot.leaf] = part.contiguous().to(leaf.dtype)
        start += width
    return made

"""Training rows in batches, shuffled anew every epoch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Batch:
    """Rows of inputs, targets, and of what frozen networks hand on."""

    inputs: dict[str, Tensor]
    targets: dict[str, Tensor]
    known: dict[str, Tensor]


def batches(
    inputs: Mapping[str, Tensor],
    targets: Mapping[str, Tensor],
    known: Mapping[str, Tensor],
    *,
    size: int,
    generator: torch.Generator,
) -> Iterator[Batch]:
    """Endless batches of `size` rows (fewer where there are fewer); a remainder of an epoch is left out."""
    rows = len(next(iter(inputs.values())))
    size = min(size, rows)
    while True:
        order = torch.randperm(rows, generator=generator)
        for start in range(0, rows - size + 1, size):
            picked = order[start : start + size]
            yield Batch(*(_take(group, picked) for group in (inputs, targets, known)))


def _take(group: Mapping[str, Tensor], picked: Tensor) -> dict[str, Tensor]:
    return {name: values.index_select(0, picked) for name, values in group.items()}

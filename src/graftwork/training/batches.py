"""Training rows in batches, shuffled anew every epoch."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor


def batches(rows: int, *, size: int, generator: torch.Generator) -> Iterator[Tensor]:
    """Numbers of rows in endless batches of `size` (fewer where there are fewer rows), int64.

    A remainder of an epoch is left out.

    Example:
        >>> drawn = batches(5, size=2, generator=torch.Generator().manual_seed(0))
        >>> [len(next(drawn)) for _ in range(4)]
        [2, 2, 2, 2]
    """
    size = min(size, rows)
    while True:
        order = torch.randperm(rows, generator=generator)
        for start in range(0, rows - size + 1, size):
            yield order[start : start + size]

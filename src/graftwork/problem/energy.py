"""Energy distance between two samples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise

import torch
from torch import Tensor


def energy_distance(first: Tensor, second: Tensor) -> float:
    """Unbiased energy distance between two samples of rows.

    It is 2 E|X - Y| - E|X - X'| - E|Y - Y'|, zero in expectation when both samples come from one
    distribution (so that it may be slightly negative) and positive otherwise; here divided by the square
    root of the width so that figures of different widths can be compared.

    Source: Székely and Rizzo, "Energy statistics: a class of statistics based on distances", Journal of
    Statistical Planning and Inference 143, 2013; the unbiased form leaves out the pairs of a row with
    itself.

    Args:
        first: Rows (rows, width), two or more.
        second: Rows (other rows, width), two or more.

    Example:
        >>> rows = torch.tensor([[0.0], [2.0]])
        >>> energy_distance(rows, rows + 10.0)
        16.0
    """
    (distance,) = Sample([first]).distances(Sample([second]))
    return distance


_TILE = 256


class Sample:
    """Rows of a sample, their axes in blocks; how far apart its own rows are is computed once.

    Args:
        blocks: Tensors (rows, axes), two rows or more; together they are all axes.
        weights: How much each row counts, (rows,), above 0; all alike unless told.
    """

    def __init__(self, blocks: Sequence[Tensor], weights: Tensor | None = None) -> None:
        self._blocks = [block.double() for block in blocks]
        self._shares = None if weights is None else weights.double() / weights.double().sum()

    def distances(self, other: Sample) -> list[float]:
        """Energy distances from another sample, over all axes and, where there are several blocks, over each.

        The squared distance over all axes is the sum of those over blocks, so that it costs no product.
        """
        across = _mean_distances(self._blocks, other._blocks, self._shares, other._shares)
        terms = zip(across, self._within, other._within, self._widths, strict=True)
        return [(2 * a - first - second) / math.sqrt(width) for a, first, second, width in terms]

    @cached_property
    def _within(self) -> list[float]:
        rows, shares = len(self._blocks[0]), self._shares
        means = _mean_distances(self._blocks, self._blocks, shares, shares)
        # The mean over pairs of different rows, the distance of a row from itself being zero.
        if shares is None:
            return [mean * rows / (rows - 1) for mean in means]
        return [mean / (1 - float(shares.square().sum())) for mean in means]

    @property
    def _widths(self) -> list[int]:
        widths = [block.shape[1] for block in self._blocks]
        return [sum(widths), *widths] if len(widths) > 1 else widths


def _mean_distances(
    first: Sequence[Tensor],
    second: Sequence[Tensor],
    first_shares: Tensor | None,
    second_shares: Tensor | None,
) -> list[float]:
    """Mean distance between rows over all axes, then over each block where there are several."""
    several, within = len(first) > 1, first is second
    ours, theirs = _shares(first_shares, len(first[0])), _shares(second_shares, len(second[0]))
    down, across = _tiles(len(ours)), _tiles(len(theirs))
    factors = [(_left(block), _right(other)) for block, other in zip(first, second, strict=True)]
    sums = [0.0] * (len(first) + 1)
    # A tile of distances at a time, which the cache holds: a whole matrix costs more to pass over than to
    # compute. Within one sample a tile stands for its mirror image too.
    for top in down:
        for beside in across:
            if within and beside.start < top.start:
                continue
            counted = 2.0 if within and beside.start > top.start else 1.0
            squares = torch.empty(top.stop - top.start, beside.stop - beside.start, dtype=torch.float64)
            total = torch.zeros_like(squares)
            for index, (left, right) in enumerate(factors, start=1):
                _multiplied(left[top], right[beside], diagonal=within and top == beside, out=squares)
                if several:
                    total += squares
                sums[index] += counted * float(ours[top] @ squares.sqrt_() @ theirs[beside])
            if several:
                sums[0] += counted * float(ours[top] @ total.sqrt_() @ theirs[beside])
    return sums if several else sums[1:]


def _tiles(rows: int) -> list[slice]:
    """Rows in stretches of nearly equal length, of about as many as a tile has."""
    count = max(1, round(rows / _TILE))
    edges = [rows * index // count for index in range(count + 1)]
    return [slice(*ends) for ends in pairwise(edges)]


def _shares(shares: Tensor | None, rows: int) -> Tensor:
    """How much each row counts, summing to 1."""
    return torch.full((rows,), 1 / rows, dtype=torch.float64) if shares is None else shares


def squared_distances(first: Tensor, second: Tensor) -> Tensor:
    """Squared distances (rows, other rows) between rows of two samples (rows, width)."""
    return _multiplied(_left(first), _right(second), diagonal=first is second)


def _left(rows: Tensor) -> Tensor:
    """Rows x as (-2x, |x|^2, 1): their products with (y, 1, |y|^2) are the squared distances."""
    squares = rows.square().sum(1, keepdim=True)
    return torch.cat([-2 * rows, squares, torch.ones_like(squares)], dim=1)


def _right(rows: Tensor) -> Tensor:
    squares = rows.square().sum(1, keepdim=True)
    return torch.cat([rows, torch.ones_like(squares), squares], dim=1)


def _multiplied(left: Tensor, right: Tensor, *, diagonal: bool, out: Tensor | None = None) -> Tensor:
    squares = torch.mm(left, right.T, out=out).clamp_(min=0)
    if diagonal:  # products leave rounding residue where the distance is zero by definition
        squares.fill_diagonal_(0.0)
    return squares

"""Energy distance between two samples."""

from __future__ import annotations

import math

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
    across = torch.cdist(first.double(), second.double()).mean()
    within = _mean_pair(first.double()) + _mean_pair(second.double())
    return float(2 * across - within) / math.sqrt(first.shape[1])


def _mean_pair(rows: Tensor) -> Tensor:
    # fill_diagonal_: matrix products leave rounding residue where the distance is zero by definition.
    distances = torch.cdist(rows, rows).fill_diagonal_(0.0)
    return distances.sum() / (len(rows) * (len(rows) - 1))

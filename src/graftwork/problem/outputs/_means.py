"""Means of which not every row is an equal part."""

from __future__ import annotations

from torch import Tensor


def weighted_mean(values: Tensor, weights: Tensor | None) -> float:
    """Mean of values (rows,) or (rows, width), whose rows count as weights (rows,) say, if told.

    Example:
        >>> import torch
        >>> weighted_mean(torch.tensor([1.0, 5.0]), torch.tensor([3.0, 1.0]))
        2.0
    """
    if weights is None:
        return float(values.mean())
    rows = values if values.dim() == 1 else values.mean(dim=1)
    shares = weights.to(rows)
    return float((rows * shares).sum() / shares.sum())

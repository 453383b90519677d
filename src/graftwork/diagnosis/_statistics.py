"""Figures with standard errors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def mean_and_error(values: Sequence[float] | Array) -> tuple[float, float]:
    """Mean and its standard error; an error of 0 where there is but one value.

    Example:
        >>> mean_and_error([1.0, 3.0])
        (2.0, 1.0)
    """
    numbers = np.asarray(values, dtype=np.float64)
    count, mean = len(numbers), float(numbers.sum()) / len(numbers)
    # The figure of numpy's `std`, which takes as long as a small layer.
    rest = numbers - mean
    error = (float((rest * rest).sum()) / (count - 1)) ** 0.5 / count**0.5 if count > 1 else 0.0
    return mean, error


def error_of_mean(values: Array, count: int) -> float:
    """Standard error of the mean of so many, of which some are known; 0 where there is but one of them.

    Example:
        >>> error_of_mean(np.array([1.0, 3.0]), 8)
        0.5
    """
    error: float = mean_and_error(values)[1] * (len(values) / count) ** 0.5
    return error


def ratio_and_error(numerators: Array, denominators: Array) -> tuple[float, float]:
    """Ratio of two sums over rows, with its standard error to first order (delta method).

    Where the denominators sum to nothing it is 0.
    """
    (ratio,), (error,) = ratios_and_errors(numerators[None], denominators)
    return ratio, error


def ratios_and_errors(numerators: Array, denominators: Array) -> tuple[list[float], list[float]]:
    """`ratio_and_error` of several numerators, (several, rows), with the same denominators."""
    below, (several, rows) = float(denominators.sum()), numerators.shape
    if below <= 0.0:
        return [0.0] * several, [0.0] * several
    ratios = numerators.sum(axis=1) / below
    rest = numerators - ratios[:, None] * denominators
    errors = rest.std(axis=1, ddof=1) * rows**0.5 / below if rows > 1 else np.zeros(several)
    return ratios.tolist(), errors.tolist()


def jackknife(statistic: Callable[[Array], float], blocks: int) -> tuple[float, float]:
    """A statistic of weighted blocks of rows, with the standard error of the jackknife over the blocks.

    Args:
        statistic: Answers for the weight of every block, (blocks,): all 1, or one of them 0.
        blocks: How many there are; with one the error is 0.

    Source: Künsch (1989), for blocks that do not overlap.
    """
    value, error = jackknives(lambda chosen: np.asarray(statistic(chosen)), blocks)
    return float(value), float(error)


def jackknives(statistic: Callable[[Array], Array], blocks: int) -> tuple[Array, Array]:
    """`jackknife` of several statistics at once: their values and their errors, both of one shape."""
    whole = statistic(np.ones(blocks))
    if blocks < 2:
        return whole, np.zeros_like(whole)
    without = np.stack([statistic(1.0 - np.eye(blocks)[left]) for left in range(blocks)])
    spread = ((without - without.mean(axis=0)) ** 2).sum(axis=0)
    return whole, ((blocks - 1) / blocks * spread) ** 0.5


def row_blocks(rows: int, most: int, least: int) -> list[slice]:
    """Rows in at most `most` blocks of about one size, none of fewer than `least` rows unless there is one.

    Example:
        >>> row_blocks(10, 4, 4)
        [slice(0, 5, None), slice(5, 10, None)]
    """
    count = max(1, min(most, rows // least))
    edges = np.linspace(0, rows, count + 1).astype(int)
    return [slice(int(a), int(b)) for a, b in pairwise(edges)]

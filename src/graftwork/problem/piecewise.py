"""Piecewise-linear codes of bounded numbers, so that a dense network can tell narrow bands of them apart."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from graftwork.errors import InputError


def piecewise_linear(values: npt.NDArray[np.float32], segments: int) -> npt.NDArray[np.float32]:
    """How far each number reaches into each segment of 0 to 1: 0 before, 1 beyond, linear within.

    Segment k of a number x is (x - k / segments) * segments, clipped to 0 and 1. Nothing is lost: the mean
    over segments is the number again. Numbers beyond 0 and 1 are coded as 0 and 1.

    Source: Gorishniy, Rubachev and Babenko, "On Embeddings for Numerical Features in Tabular Deep
    Learning", NeurIPS 2022; here with segments of equal length.

    Args:
        values: Numbers from 0 to 1, (rows, *shape).
        segments: How many, one or more.

    Returns:
        The codes, (rows, segments, *shape).

    Raises:
        InputError: No segments.

    Example:
        >>> piecewise_linear(np.array([[0.75]], dtype=np.float32), 2)[0, :, 0].tolist()
        [1.0, 0.5]
    """
    if segments < 1:
        raise InputError(f"segments: expected one or more, came {segments}")
    starts = np.arange(segments, dtype=np.float32).reshape(1, segments, *[1] * (values.ndim - 1))
    codes: npt.NDArray[np.float32] = np.clip(values[:, None] * np.float32(segments) - starts, 0.0, 1.0)
    return codes

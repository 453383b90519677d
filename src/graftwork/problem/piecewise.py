"""Piecewise-linear codes of bounded numbers, so that a dense network can tell narrow bands of them apart."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def piecewise_linear(values: npt.NDArray[np.float32], segments: int) -> npt.NDArray[np.float32]:
    """How far each number from 0 to 1 reaches into each of equal segments: 0 before, 1 beyond, linear within.

    Source: Gorishniy, Rubachev and Babenko, "On Embeddings for Numerical Features in Tabular Deep Learning", NeurIPS 2022, here with
    equal segments.

    Args:
        values: Numbers from 0 to 1, (rows, *shape).
        segments: How many.

    Returns:
        The codes, (rows, segments, *shape).

    Example:
        >>> piecewise_linear(np.array([[0.75]], dtype=np.float32), 2)[0, :, 0].tolist()
        [1.0, 0.5]
    """
    starts = np.arange(segments, dtype=np.float32).reshape(1, segments, *[1] * (values.ndim - 1))
    return np.clip(values[:, None] * np.float32(segments) - starts, 0.0, 1.0)

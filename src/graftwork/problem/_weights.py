"""How much each row counts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from graftwork.errors import InputError
from graftwork.problem._arrays import numeric_rows

Weights = npt.NDArray[np.float64]
WANTED = "expected a finite number, 0 or greater, in every row"


def tidy_weights(values: object, rows: int) -> Weights:
    """Weights of rows (rows,) at the door.

    Raises:
        InputError: Not a number a row, or one that is negative, missing or infinite.
    """
    array = numeric_rows(values)
    if array.shape != (rows, 1):
        raise InputError(f"expected one number for each of {rows} rows, came shape {array.shape}")
    weights = array[:, 0].astype(np.float64)
    bad = ~(np.isfinite(weights) & (weights >= 0))
    if bad.any():
        row = int(bad.argmax())
        raise InputError(f"row {row} is {weights[row]}; {WANTED}")
    return weights


def relative_weights(weights: Weights, train: npt.NDArray[np.int64]) -> Weights:
    """The same with a mean of 1 over training rows, each a number that float32 can tell.

    Raises:
        InputError: Every training row has weight 0.
    """
    largest = weights[train].max()
    if largest == 0:
        raise InputError("every training row has weight 0")
    with np.errstate(over="ignore", under="ignore"):
        # By the largest first: the sum of weights may pass what float64 holds.
        scaled = weights / largest
        relative: Weights = (scaled / scaled[train].mean()).astype(np.float32).astype(np.float64)
    if not np.isfinite(relative).all():
        raise InputError(f"{weights.max():.3g} of a held-out row is too large beside those of training rows")
    return relative


def effective(weights: Weights | None, present: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which rows are present and of some weight."""
    return present if weights is None else present & (weights > 0)

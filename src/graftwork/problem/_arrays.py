"""Arrays at the door: numbers, of the right shape, finite."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from graftwork.errors import InputError

Array = npt.NDArray[Any]


def as_array(values: object) -> Array:
    """The values as an array of rows; unequal rows and scalars are refused."""
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise InputError(f"expected an array of rows of equal shape, but: {error}") from None
    if array.ndim == 0:
        raise InputError(f"expected an array of rows, came a single {type(values).__name__}")
    return array


def numeric_rows(values: object) -> Array:
    """The values as an array of numbers (rows, *shape); a vector becomes one column, None becomes NaN."""
    array = as_array(values)
    if array.dtype.kind == "O":
        array = _numbers_of_objects(array)
    if array.dtype.kind not in "biuf":
        raise InputError(f"expected numbers, came {array.dtype}; encode categories as numbers first")
    array = array.reshape(-1, 1) if array.ndim == 1 else array
    if 0 in array.shape[1:]:
        raise InputError(f"expected at least one number a row, came shape {array.shape}")
    return array


def _numbers_of_objects(array: Array) -> Array:
    try:
        return array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"expected numbers, came objects that are none: {error}") from None


def refuse_non_finite(array: Array, *, allow_missing: bool) -> None:
    """Name the first row and column that holds infinity or, unless missing values are allowed, NaN."""
    if array.dtype.kind != "f":
        return
    bad = np.isinf(array) if allow_missing else ~np.isfinite(array)
    if bad.any():
        row, *column = (int(index) for index in np.unravel_index(int(bad.argmax()), array.shape))
        where = column[0] if len(column) == 1 else tuple(column)
        raise InputError(
            f"row {row}, column {where} is {array[(row, *column)]}; expected finite numbers: "
            "drop the row or fill the value in"
        )


def present_rows(array: Array) -> npt.NDArray[np.bool_]:
    """Which rows of (rows, *shape) hold no NaN."""
    if array.dtype.kind != "f":
        return np.ones(len(array), dtype=np.bool_)
    missing = np.isnan(array.reshape(len(array), -1)).any(axis=1)
    return np.asarray(~missing, dtype=np.bool_)

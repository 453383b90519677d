"""Class labels at the door."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from graftwork.errors import InputError
from graftwork.problem._arrays import Array

MISSING = -1
Mask = npt.NDArray[np.bool_]


def tidy_labels(target: Array) -> tuple[npt.NDArray[Any], Mask]:
    """Labels (rows,) as int64, bool or strings, and which of them are present.

    Raises:
        InputError: Not one label a row, or labels that are neither integers nor strings.
    """
    if target.ndim == 2 and target.shape[1] == 1:
        target = target[:, 0]
    if target.ndim != 1:
        raise InputError(f"expected one label a row, came shape {target.shape}")
    kind = target.dtype.kind
    if kind == "O":
        return _of_objects(target)
    if kind == "f":
        return _of_floats(target)
    if kind in "iu":
        return target.astype(np.int64), target != MISSING
    if kind in ("b", "U"):
        return target, np.ones(len(target), dtype=np.bool_)
    raise InputError(f"expected integers or strings as class labels, came {target.dtype}")


def _of_floats(target: Array) -> tuple[npt.NDArray[Any], Mask]:
    # Integers with gaps can only be written as floats with NaN; other floats are a sign of a wrong column.
    present = ~np.isnan(target)
    whole = np.where(present, np.floor(target), target) == target
    if present.all() or not whole[present].all():
        row = int((present & ~whole).argmax())
        raise InputError(
            f"expected integers or strings as class labels, came {target.dtype} (row {row}: {target[row]}); "
            "use Regression() for numbers, or convert labels to integers"
        )
    return np.where(present, target, MISSING).astype(np.int64), present


def _of_objects(target: Array) -> tuple[npt.NDArray[Any], Mask]:
    present = np.array([not _is_missing(value) for value in target], dtype=np.bool_)
    values = target[present]
    for kind, filler in ((str, ""), ((bool, np.bool_), False), ((int, np.integer), MISSING)):
        if len(values) and all(isinstance(value, kind) for value in values):
            dtype = np.array(values.tolist()).dtype
            labels = np.full(len(target), filler, dtype=dtype)
            labels[present] = values.tolist()
            return (labels, present & (labels != MISSING)) if dtype.kind == "i" else (labels, present)
    if not len(values):
        return np.full(len(target), MISSING, dtype=np.int64), present
    odd = next((value for value in values if not isinstance(value, str)), values[0])
    row = next(row for row, value in enumerate(target) if value is odd)
    raise InputError(
        f"expected integers or strings as class labels, all of one type, came {type(odd).__name__} "
        f"{odd!r} in row {row}"
    )


def _is_missing(value: object) -> bool:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, (float, np.floating)) and math.isnan(value)

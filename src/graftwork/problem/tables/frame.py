"""Tables of any library as columns of plain arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from graftwork.documents import short
from graftwork.errors import InputError
from graftwork.problem._arrays import Array
from graftwork.problem._names import unknown


@dataclass(frozen=True, eq=False)
class Frame:
    """Columns of equal length, as they came.

    Attributes:
        columns: An array (rows,) by column; where it holds objects, None is a missing value.
        lines: Line of the file that each row begins at, where it came from a file of text.
        text: Whether all came as text, so that numbers and dates are to be told by how they read.
    """

    columns: Mapping[str, Array]
    lines: Array | None = None
    text: bool = False

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(next(iter(self.columns.values()))) if self.columns else 0

    def column(self, name: str) -> Array:
        """A column by its name.

        Raises:
            InputError: No such column; the message lists those that there are, closest first.
        """
        if name not in self.columns:
            raise unknown("column", name, self.columns)
        return self.columns[name]

    def place(self, row: int, column: str) -> str:
        """What messages call a cell."""
        line = "" if self.lines is None else f" (line {self.lines[row]})"
        return f"row {row}{line}, column {short(column)}"


def as_frame(table: object) -> Frame:
    """The columns of a pandas or polars frame, an Arrow table, or a mapping of arrays.

    Raises:
        InputError: It is none of these, or its columns have no unique names of text, or unequal lengths.
    """
    if isinstance(table, Frame):
        return table
    names = _names(table)
    for position, name in enumerate(names):
        if not isinstance(name, str) or not name.strip():
            raise InputError(f"column {position}: expected a name of text, came {short(name)}")
    if double := next((name for name in names if names.count(name) > 1), None):
        raise InputError(f"column {short(double)} occurs {names.count(double)} times; give each its own name")
    columns = {name: _raw(name, table[name]) for name in names}  # type: ignore[index]
    if not columns:
        raise InputError("the table has no columns")
    lengths = {name: len(values) for name, values in columns.items()}
    first, rows = next(iter(lengths.items()))
    for name, count in lengths.items():
        if count != rows:
            raise InputError(f"column {short(first)} has {rows} rows but {short(name)} has {count}")
    if not rows:
        raise InputError("the table has no rows")
    return Frame(columns)


def _names(table: object) -> list[Any]:
    if isinstance(table, Mapping):
        return list(table)
    for names in ("column_names", "columns"):  # of Arrow; of pandas and polars
        found = getattr(table, names, None)
        if found is not None and hasattr(table, "__getitem__") and not isinstance(found, Mapping):
            return list(found)
    raise InputError(
        f"expected a pandas or polars frame, an Arrow table or a mapping of columns, came "
        f"{type(table).__name__}"
    )


def _raw(name: str, values: Any) -> Array:
    """A column as a plain array, missing values of other than floats as None."""
    kind = getattr(getattr(values, "dtype", None), "kind", None)
    if isinstance(values, np.ndarray) or (kind in ("b", "i", "u", "f", "M", "m") and hasattr(values, "isna")):
        array = np.asarray(values) if not _extension(values) else _objects(values)
    else:
        array = _objects(values)
    if array.ndim != 1:
        raise InputError(f"column {short(name)}: expected one value a row, came shape {array.shape}")
    return array


def _extension(values: Any) -> bool:
    """Whether a pandas column has a missing value of its own, or a time zone, which NumPy does not know."""
    return hasattr(values, "isna") and not isinstance(values.dtype, np.dtype)


def _objects(values: Any) -> Array:
    if hasattr(values, "isna"):  # pandas
        listed, gone = values.tolist(), values.isna().tolist()
        listed = [None if missing else value for value, missing in zip(listed, gone, strict=True)]
    else:
        convert = next(
            (getattr(values, way) for way in ("to_list", "to_pylist", "tolist") if hasattr(values, way)), None
        )
        listed = list(values) if convert is None else convert()
    array = np.empty(len(listed), dtype=object)
    array[:] = listed
    return array

"""Values of columns, checked as they are read: SQLite keeps whatever it is given in whatever column."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from graftwork.documents import short
from graftwork.store._rows import damaged

_OF_TYPE: dict[type[Any], type] = {sa.String: str, sa.Boolean: bool, sa.Integer: int, sa.Float: float}


class DamagedRowError(ValueError):
    """A value of a row that has a name, which its text tells."""


def check_columns(query: sa.Select[Any], rows: Sequence[Sequence[Any]]) -> None:
    """Refuse values that are not of the type of their column, or infinite.

    A column at a time, so that a hundred thousand rows take hundredths of a second.

    Raises:
        ValueError: One is not; its column is named.
    """
    for column, values in zip(query.selected_columns, zip(*rows, strict=True), strict=False):
        expected = next(kind for of, kind in _OF_TYPE.items() if isinstance(column.type, of))
        odd = {*map(type, values)} - {expected}
        if getattr(column, "nullable", True):
            odd.discard(type(None))
        if odd:
            place, value = next((i, value) for i, value in enumerate(values) if type(value) in odd)
            why = f"{column.name} is {short(value)}, expected {expected.__name__}"
            key = dict(zip((each.name for each in query.selected_columns), rows[place], strict=True)).get(
                "key"
            )
            raise (
                DamagedRowError(str(damaged("entry", key, why))) if isinstance(key, str) else ValueError(why)
            )
        if expected is float and not all(math.isfinite(value) for value in values if value is not None):
            raise ValueError(f"{column.name} is infinite, expected a number")

"""What kind of values a column holds, and the values in one form a kind."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from numbers import Real
from typing import Any, Literal

import numpy as np

from graftwork.documents import short
from graftwork.errors import InputError
from graftwork.problem._arrays import Array
from graftwork.problem.tables.frame import Frame

ColumnKind = Literal["number", "boolean", "date", "category"]
KINDS: tuple[ColumnKind, ...] = ("number", "boolean", "date", "category")

_NUMBER = re.compile(
    r"[+-]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?|[+-]?inf(?:inity)?",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_TRUTH = {"true": 1.0, "false": 0.0}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_MICROSECONDS = 86_400e6
# A column of text is taken for numbers with mistakes in it, not for categories, where so many are numbers.
_MOSTLY = 0.8
_LONGEST_NUMBER, _LONGEST_CATEGORY = 400, 200


@dataclass(frozen=True, eq=False)
class Column:
    """A column in one form.

    Attributes:
        name: Its name.
        kind: `number`, `boolean`, `date` or `category`.
        values: float64 (rows,), NaN where missing: the number, 0 or 1, days since 1970 in UTC. Of a
            category: text as objects (rows,), "" where missing.
    """

    name: str
    kind: ColumnKind
    values: Array

    @property
    def missing(self) -> Array:
        """Which values are missing; bool (rows,)."""
        return np.asarray(self.values == "" if self.kind == "category" else np.isnan(self.values), dtype=bool)


def read_column(frame: Frame, name: str, kind: ColumnKind | None = None) -> Column:
    """A column of a frame, of a kind that is told, or guessed from its values.

    Raises:
        InputError: No such column, or a value that is not of the kind; the message names row and column.

    Example:
        >>> column = read_column(Frame({"day": np.array(["1970-01-03", None])}, text=True), "day")
        >>> column.kind, column.values.tolist()
        ('date', [2.0, nan])
    """
    raw = frame.column(name)
    kind = kind or guessed_kind(frame, name)
    if kind == "category":
        return Column(name, kind, _categories(frame, name, raw.tolist()))
    values = _as_numbers(frame, name, raw, kind)
    infinite = np.isinf(values)
    if infinite.any():
        row = int(infinite.argmax())
        raise InputError(
            f"{frame.place(row, name)} is {values[row]}; expected finite numbers: correct it, or leave "
            "it empty"
        )
    return Column(name, kind, values)


def restored(values: Array, kind: ColumnKind, *, whole: bool) -> Array:
    """Numbers (rows,) that a column was read as, in its own form.

    Booleans are 0 or 1, dates days since 1970: text here, without the time of day where all are whole.

    Example:
        >>> restored(np.array([0.0, 2.5]), "date", whole=False).tolist()
        ['1970-01-01T00:00:00', '1970-01-03T12:00:00']
    """
    if kind == "boolean":
        return values >= 0.5
    if kind == "date":
        times = np.rint(values * _DAY.total_seconds()).astype(np.int64).astype("datetime64[s]")
        return np.datetime_as_string(times, unit="D" if whole else "s").astype(object)
    within = np.abs(values).max(initial=0) < 2**53
    return values.astype(np.int64) if whole and within else values


def _as_numbers(frame: Frame, name: str, raw: Array, kind: ColumnKind) -> Array:
    if raw.dtype.kind in "Mm":
        days = raw.astype(f"{raw.dtype.kind}8[us]").astype(np.float64) / _MICROSECONDS
        return np.where(np.isnat(raw), np.nan, days)
    if raw.dtype.kind in "OU":
        return _parsed(frame, name, raw.tolist(), kind)
    values = raw.astype(np.float64)
    if kind == "boolean" and (strange := ~np.isin(values, (0, 1)) & ~np.isnan(values)).any():
        row = int(strange.argmax())
        raise InputError(f"{frame.place(row, name)} is {values[row]}; expected a boolean")
    return values


def guessed_kind(frame: Frame, name: str) -> ColumnKind:
    """The kind that the values of a column speak for.

    Raises:
        InputError: Values of several kinds, or lists and the like; the message names row and column.
    """
    raw = frame.column(name)
    if raw.dtype.kind in "biufm":
        return "boolean" if raw.dtype.kind == "b" else "number"
    if raw.dtype.kind == "M":
        return "date"
    present = [value for value in raw.tolist() if not _is_missing(value)]
    if all(isinstance(value, str) for value in present):
        return _kind_of_text(frame, name, present) if frame.text and present else "category"
    tests: list[tuple[ColumnKind, Callable[[object], bool]]] = [
        ("boolean", lambda value: isinstance(value, (bool, np.bool_))),
        ("number", lambda value: isinstance(value, (Real, Decimal, timedelta, np.timedelta64))),
        ("date", lambda value: isinstance(value, (date, np.datetime64))),
    ]
    for kind, holds in tests:
        if all(holds(value) for value in present):
            return kind
    row, odd = _odd_one(raw)
    raise InputError(
        f"{frame.place(row, name)} is {short(odd)} ({type(odd).__name__}); expected numbers, booleans, dates "
        "or text, all of one kind in a column"
    )


def _odd_one(raw: Array) -> tuple[int, object]:
    values = [(row, value) for row, value in enumerate(raw.tolist()) if not _is_missing(value)]
    plain = (str, Real, Decimal, timedelta, date, np.generic)
    nested = next((pair for pair in values if not isinstance(pair[1], plain)), None)
    if nested is not None:
        return nested
    texts = [pair for pair in values if isinstance(pair[1], str)]
    others = [pair for pair in values if not isinstance(pair[1], str)]
    return texts[0] if texts and len(texts) <= len(others) else others[0]


def _kind_of_text(frame: Frame, name: str, present: list[str]) -> ColumnKind:
    distinct = set(present)
    if all(value.strip().lower() in _TRUTH for value in distinct):
        return "boolean"
    if all(_DATE.fullmatch(value.strip()) for value in distinct):
        return "date"
    if all(_reads_as_number(value) for value in distinct):
        return "number"
    share = sum(_reads_as_number(value) for value in present) / len(present)
    if share >= _MOSTLY and len(distinct) > len(present) / 20:
        for row, value in enumerate(frame.column(name).tolist()):
            if value is not None and not _reads_as_number(value):
                raise InputError(
                    f"{frame.place(row, name)} is {short(value)}, where {share:.0%} of the column is "
                    "numbers; "
                    "correct it, leave it empty, or declare the column a category"
                )
    return "category"


def _reads_as_number(value: str) -> bool:
    return len(value) <= _LONGEST_NUMBER and _NUMBER.fullmatch(value.strip()) is not None


def _parsed(frame: Frame, name: str, values: list[Any], kind: ColumnKind) -> Array:
    parse = _PARSERS[kind]
    parsed = np.full(len(values), np.nan)
    for row, value in enumerate(values):
        if not _is_missing(value):
            try:
                parsed[row] = parse(value)
            except (TypeError, ValueError, OverflowError):
                raise InputError(f"{frame.place(row, name)} is {short(value)}; expected a {kind}") from None
    return parsed


def _categories(frame: Frame, name: str, values: list[Any]) -> Array:
    told = np.empty(len(values), dtype=object)
    for row, value in enumerate(values):
        if not _is_missing(value) and not isinstance(value, (str, Real, Decimal, date, np.generic)):
            raise InputError(
                f"{frame.place(row, name)} is {short(value)} ({type(value).__name__}); expected text"
            )
        told[row] = "" if _is_missing(value) else _told(value)
    return told


def _told(value: Any) -> str:
    """A category as a line of text: whole numbers without the point that a column with gaps gives them."""
    if isinstance(value, float):
        return "" if math.isnan(value) else str(int(value)) if value.is_integer() else str(value)
    told = " ".join(str(value)[:_LONGEST_CATEGORY].split())
    return told if told.isprintable() else "".join(sign if sign.isprintable() else "?" for sign in told)


def _is_missing(value: object) -> bool:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(value, (np.datetime64, np.timedelta64)):
        return bool(np.isnat(value))
    return (isinstance(value, (float, np.floating)) and math.isnan(value)) or value == ""


def _number(value: Any) -> float:
    if isinstance(value, (timedelta, np.timedelta64)):
        return float(value / (np.timedelta64(1, "D") if isinstance(value, np.timedelta64) else _DAY))
    if isinstance(value, str) and not _reads_as_number(value):
        raise ValueError(value)
    return float(value)


def _boolean(value: Any) -> float:
    if isinstance(value, str):
        if value.strip().lower() not in _TRUTH:
            raise ValueError(value)
        return _TRUTH[value.strip().lower()]
    if value not in (0, 1):
        raise ValueError(value)
    return float(value)


def _date(value: Any) -> float:
    if isinstance(value, str):
        if not _DATE.fullmatch(value.strip()):
            raise ValueError(value)
        value = datetime.fromisoformat(value.strip())
    elif isinstance(value, np.datetime64):
        value = value.astype("datetime64[us]").item()
    elif isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    if not isinstance(value, datetime):
        raise TypeError(value)
    return ((value if value.tzinfo else value.replace(tzinfo=UTC)) - _EPOCH) / _DAY


_PARSERS: dict[ColumnKind, Callable[[Any], float]] = {"number": _number, "boolean": _boolean, "date": _date}

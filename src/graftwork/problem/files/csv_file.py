"""Tables in CSV: UTF-8, a header, values between commas, semicolons or tabs."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from graftwork.documents import short
from graftwork.errors import InputError
from graftwork.problem.files.limits import check_bytes, check_cells
from graftwork.problem.tables import Frame

MISSING = frozenset({"", "NA", "N/A", "#N/A", "<NA>", "NaN", "nan", "NAN", "NaT", "null", "NULL"})
_SEPARATORS = ",;\t"
_MOST_COLUMNS = 10_000
_PIECE = 50_000
_LONGEST_LINE = 10_000_000
_UTF16, _MARK = (b"\xff\xfe", b"\xfe\xff"), b"\xef\xbb\xbf"


def read_csv(path: Path) -> Frame:
    """The columns of a file, as text; None where a value is missing.

    The separator is the one of comma, semicolon and tab that the header holds most of.

    Raises:
        InputError: It is too large, empty, no UTF-8, or its rows are ragged; the message names the line.
    """
    check_bytes(path)
    with path.open("rb") as file:
        return _read(path, _Lines(path, file))


def _read(path: Path, lines: _Lines) -> Frame:
    header = lines.first()
    separator = max(_SEPARATORS, key=header.count)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    rows = _rows(path, reader)
    names = [name.strip() for name in next(rows, (1, []))[1]]
    _check_header(path, names)
    columns: list[list[str | None]] = [[] for _ in names]
    numbers: list[int] = []
    known: dict[str, str] = {}
    for line, row in rows:
        if len(row) != len(names):
            raise InputError(
                f"'{path}', line {line}: {len(row)} values, where the header has {len(names)} columns; "
                "quote values "
                f"that hold {separator!r}"
            )
        numbers.append(line)
        if len(numbers) % _PIECE == 0:
            check_cells(path, len(numbers) * len(names))
            known.clear()
        for column, value in zip(columns, row, strict=True):
            told = value.strip()
            # One object for equal texts, of which most columns have few.
            column.append(None if told in MISSING else known.setdefault(told, told))
    if not numbers:
        raise InputError(f"'{path}' has a header and no rows")
    check_cells(path, len(numbers) * len(names))
    return Frame(
        {name: _objects(values) for name, values in zip(names, columns, strict=True)},
        lines=np.array(numbers, dtype=np.int64),
        text=True,
    )


class _Lines:
    """The lines of a file, which is read on only as they are asked for."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path, self._file, self._count = path, file, 0
        self._ahead: str | None = None

    def first(self) -> str:
        """The first line, which is handed out again."""
        self._ahead = next(self, "")
        return self._ahead

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._ahead:
            line, self._ahead = self._ahead, None
            return line
        data = self._file.readline(_LONGEST_LINE)
        if not data:
            raise StopIteration
        self._count += 1
        return self._decoded(data)

    def _decoded(self, data: bytes) -> str:
        if self._count == 1:
            if data.startswith(_UTF16):
                raise InputError(f"'{self._path}' is UTF-16; save it as UTF-8")
            data = data.removeprefix(_MARK)
        if len(data) == _LONGEST_LINE:
            raise self._error(f"longer than {_LONGEST_LINE:,} bytes; is it a table?")
        if b"\0" in data:
            raise self._error("a NUL character; is it a text file?")
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            raise self._error(f"byte {error.start + 1} is not UTF-8; save the file as UTF-8") from None

    def _error(self, what: str) -> InputError:
        return InputError(f"'{self._path}', line {self._count}: {what}")


def _rows(path: Path, reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank, each with the line that it begins at."""
    while True:
        line = getattr(reader, "line_num", 0) + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise InputError(f"'{path}', line {line}: {error}") from None
        if row:
            yield line, row


def _check_header(path: Path, names: list[str]) -> None:
    if not names:
        raise InputError(f"'{path}' holds blank lines only; expected a header and rows")
    if len(names) > _MOST_COLUMNS:
        raise InputError(f"'{path}': {len(names)} columns, expected at most {_MOST_COLUMNS}")
    seen: set[str] = set()
    for position, name in enumerate(names):
        if not name or not name.isprintable():
            raise InputError(
                f"'{path}', line 1: column {position + 1} has no printable name but {short(name)}"
            )
        if name in seen:
            raise InputError(f"'{path}', line 1: column {short(name)} occurs twice; give each its own name")
        seen.add(name)


def _objects(values: list[str | None]) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    values.clear()
    return array

"""A first problem file, from a look at the data."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from graftwork.documents import short
from graftwork.errors import InputError
from graftwork.problem._arrays import Array
from graftwork.problem.files.load import read_table
from graftwork.problem.files.npz import read_npz
from graftwork.problem.tables import Column, Frame, numbers_rows, read_column

_MOST_CLASSES = 20
_MOST_TOLD = 40


@dataclass(frozen=True)
class Guess:
    """What a look at data says.

    Attributes:
        text: A TOML problem file.
        reasons: Why it is so, a sentence each.
    """

    text: str
    reasons: tuple[str, ...]


def guess(data: Path, target: Path) -> Guess:
    """A first problem file for a data file.

    The last column of few values becomes a classification and the last column of numbers a regression; rows
    (of arrays: the largest array) are generated.

    Args:
        data: A table or an NPZ file.
        target: Where the problem file will be, from which its path to the data goes.

    Raises:
        InputError: The data cannot be read, or hold nothing that could be asked for.
    """
    outputs, reasons, columns = _of_npz(data) if data.suffix.lower() == ".npz" else _of_table(data)
    if not outputs:
        raise InputError(f"'{data}': no column could be a class or a number to predict: {'; '.join(reasons)}")
    place = os.path.relpath(data.absolute(), target.absolute().parent)
    return Guess(guessed_toml(place, outputs, columns, reasons), tuple(reasons))


def guessed_toml(data: str, outputs: dict[str, str], columns: dict[str, str], reasons: list[str]) -> str:
    """The text of a problem file, with the reasons as comments."""
    lines = ["# A problem file of Graftwork; docs/data.md tells of every key. What was guessed:"]
    lines += [f"# - {reason}" for reason in reasons]
    lines += ["version = 1", f"data = {_quoted(data)}", "seed = 0", ""]
    lines += ["# Kinds of columns: number, boolean, date or category. Correct what is wrong.", "[columns]"]
    lines += [f"{_quoted(name)} = {_quoted(kind)}" for name, kind in columns.items()]
    if not columns:
        lines = lines[:-2]
    for name, kind in outputs.items():
        lines += ["", f"[outputs.{_quoted(name)}]", f"kind = {_quoted(kind)}"]
    return "\n".join(lines) + "\n"


def _of_table(data: Path) -> tuple[dict[str, str], list[str], dict[str, str]]:
    frame = read_table(data)
    columns, reasons = _columns(frame)
    classes = [name for name, column in columns.items() if _may_be_class(column)]
    numbers = [
        name
        for name, column in columns.items()
        if column.kind == "number" and _found(column) > _MOST_CLASSES and not numbers_rows(column)
    ]
    outputs = {}
    # A whole number may as well be a count or a year.
    classes = [name for name in classes if columns[name].kind != "number"] or classes
    if classes:
        outputs[classes[-1]] = "classification"
        reasons.append(
            f"{short(classes[-1])} is classified: the last column of 2 to {_MOST_CLASSES} values, text "
            "before numbers"
        )
    if numbers:
        outputs[numbers[-1]] = "regression"
        reasons.append(
            f"{short(numbers[-1])} is predicted: the last column of more than {_MOST_CLASSES} numbers"
        )
    if outputs:
        outputs[_free("row", columns)] = "generation"
        reasons.append("rows of all columns are generated; every column that is no target is an input")
    return outputs, reasons, {name: column.kind for name, column in columns.items()}


def _columns(frame: Frame) -> tuple[dict[str, Column], list[str]]:
    columns: dict[str, Column] = {}
    reasons: list[str] = []
    for name in frame.columns:
        try:
            columns[name] = read_column(frame, name)
        except InputError as error:
            # What looks like a mistake in a column of numbers can still be read as categories.
            columns[name] = read_column(frame, name, "category")
            reasons.append(str(error))
    told = [_told(column) for column in columns.values()]
    reasons += told[:_MOST_TOLD] + (
        [f"and {len(told) - _MOST_TOLD} more columns"] if len(told) > _MOST_TOLD else []
    )
    return columns, reasons


def _told(column: Column) -> str:
    gaps = int(column.missing.sum())
    missing = f", {gaps} missing" if gaps else ""
    return f"{short(column.name)} is a {column.kind} of {_found(column)} values{missing}"


def _found(column: Column) -> int:
    present = column.values[~column.missing]
    return len(np.unique(present.astype(str)) if column.kind == "category" else np.unique(present))


def _may_be_class(column: Column) -> bool:
    present = column.values[~column.missing]
    whole = column.kind != "number" or np.array_equal(present, np.floor(present))
    return (
        column.kind != "date" and bool(whole) and 2 <= _found(column) <= min(_MOST_CLASSES, len(present) // 5)
    )


def _of_npz(data: Path) -> tuple[dict[str, str], list[str], dict[str, str]]:
    arrays = read_npz(data)
    reasons = [f"{short(name)} holds {array.dtype} of shape {array.shape}" for name, array in arrays.items()]
    outputs: dict[str, str] = {}
    labels = [name for name, array in arrays.items() if array.ndim == 1 and _are_labels(array)]
    if labels:
        outputs[labels[-1]] = "classification"
        reasons.append(f"{short(labels[-1])} is classified: the last vector of 2 to {_MOST_CLASSES} values")
    pictures = [name for name, array in arrays.items() if array.ndim > 1]
    if outputs and pictures:
        largest = max(pictures, key=lambda name: arrays[name][0].size if len(arrays[name]) else 0)
        outputs[largest] = "generation"
        reasons.append(f"{short(largest)} is generated: the largest array")
    return outputs, reasons, {}


def _are_labels(array: Array) -> bool:
    return array.dtype.kind in "biuU" and 2 <= len(np.unique(array)) <= min(_MOST_CLASSES, len(array) // 5)


def _free(name: str, taken: dict[str, Column]) -> str:
    while name in taken:
        name += "_"
    return name


def _quoted(text: str) -> str:
    """A TOML string; JSON's escapes are TOML's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")

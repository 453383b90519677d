"""Columns as targets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from graftwork.documents import short
from graftwork.errors import InputError
from graftwork.problem._arrays import Array
from graftwork.problem.outputs import Classification, Output, Regression
from graftwork.problem.split import Rows, SplitError
from graftwork.problem.tables.column import Column
from graftwork.problem.tables.frame import Frame
from graftwork.problem.tables.usefulness import IDENTIFIER_SHARE, LEAST_ROWS

_RARE_CLASS = 0.05


def target_of(
    columns: Mapping[str, Column], frame: Frame, key: str, output: Output, names: Sequence[str]
) -> Array:
    """Labels (rows,) of a classification, or numbers (rows, columns) of a regression."""
    for name in names:
        if columns[name].missing.all():
            raise InputError(f"output {short(key)}: column {short(name)} is missing in every row")
    if isinstance(output, Classification):
        return _labels(columns[names[0]], frame)
    return np.stack([_numbers(columns[name]) for name in names], axis=1)


def _numbers(column: Column) -> Array:
    if column.kind == "category":
        raise InputError(f"column {short(column.name)}: expected numbers for a regression, came a category")
    return column.values


def _labels(column: Column, frame: Frame) -> Array:
    """Class labels as objects, None where missing."""
    missing = column.missing
    labels = np.empty(len(missing), dtype=object)
    values = column.values[~missing]
    found = len(np.unique(values.astype(str)) if column.kind == "category" else np.unique(values))
    if found > max(LEAST_ROWS, len(values) * IDENTIFIER_SHARE):
        raise InputError(
            f"column {short(column.name)} has {found} different values in {len(values)} rows, which are "
            "no classes; "
            "is it a number (regression), or an identifier?"
        )
    if column.kind in ("number", "date"):
        broken = ~missing & (
            np.floor(np.where(missing, 0, column.values)) != np.where(missing, 0, column.values)
        )
        if broken.any():
            row = int(broken.argmax())
            raise InputError(
                f"{frame.place(row, column.name)} is {column.values[row]}; expected whole numbers or "
                "text as classes"
            )
        # -1 would be taken for a missing label.
        told: Callable[[float], object] = (lambda value: str(int(value))) if values.min() < 0 else int
    else:
        told = bool if column.kind == "boolean" else str
    for row, value in enumerate(column.values.tolist()):
        labels[row] = None if missing[row] else told(value)
    return labels


def known_classes(
    name: str, output: Output, target: Array, rows: Mapping[str, Rows], notes: list[str]
) -> Array:
    """A target whose classes all occur in training rows: those that do not are set missing, and said."""
    if not isinstance(output, Classification) or output.classes is not None:
        return target
    train = [label for label in target[rows["train"]].tolist() if label is not None]
    known = set(train)
    if len(known) < 2:
        raise SplitError(
            f"output {name!r}: expected two classes or more in the training rows, came {len(known)}"
        )
    strange = [row for row, label in enumerate(target.tolist()) if label is not None and label not in known]
    if strange:
        classes = sorted({str(target[row]) for row in strange})
        notes.append(
            f"output {name!r}: {len(strange)} rows of classes that no training row holds "
            f"({', '.join(classes[:5])}) count as missing"
        )
        target = target.copy()
        target[strange] = None
    rarest = min(train.count(label) for label in known) / len(train)
    if rarest < _RARE_CLASS / len(known) * 2:
        notes.append(
            f"output {name!r}: classes are unbalanced, the rarest is {rarest:.1%} of the training rows"
        )
    return target


def transform_notes(outputs: Mapping[str, Output]) -> list[str]:
    """A sentence for each output whose numbers are transformed."""
    curves = {name: output.curve for name, output in outputs.items() if isinstance(output, Regression)}
    return [
        f"output {name!r}: heavy-tailed, so that its signed log is learnt"
        for name, curve in curves.items()
        if curve
    ]

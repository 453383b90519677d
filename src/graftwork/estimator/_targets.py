"""What scikit-learn calls y: one target or several, of any kind, and predictions in the same form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import assert_all_finite, check_array

from graftwork.documents import short
from graftwork.errors import InputError
from graftwork.estimator._features import is_frame
from graftwork.estimator._kinds import Kinds, classes_of, missing, outputs_of
from graftwork.problem import Output
from graftwork.problem._arrays import Array
from graftwork.problem.tables import as_frame, free_name, identifier

_LONGEST = 200


@dataclass(frozen=True, eq=False)
class Target:
    """One target.

    Attributes:
        name: Its name, as the user knows it.
        output: Name of the problem's output.
        declared: What is asked.
        columns: Its columns in the problem's table.
        classes: Its labels in the form that they came in, sorted; None of a regression.
        vector: Whether it came as an array of several numbers a row.
    """

    name: str
    output: str
    declared: Output
    columns: tuple[str, ...]
    classes: Array | None
    vector: bool

    @property
    def texts(self) -> list[str]:
        """What stands for each class in the table: its text, or its place where that could be mistaken."""
        if self.classes is None:
            return []
        told = [str(label) for label in self.classes.tolist()]
        plain = all(text == " ".join(text.split())[:_LONGEST] and text.isprintable() for text in told)
        unlike = len(set(told)) == len(told)
        return told if plain and unlike else [f"class {place}" for place in range(len(told))]

    def encode(self, values: list[Array]) -> list[Array]:
        """Columns of the table: text for each class, None where a label is missing or unknown."""
        if self.classes is None:
            return values
        known = dict(zip(self.classes.tolist(), self.texts, strict=True))
        gaps = missing(values[0]).tolist()
        told = [
            None if gap else known.get(label) for label, gap in zip(values[0].tolist(), gaps, strict=True)
        ]
        return [np.array(told, dtype=object)]


@dataclass(frozen=True, eq=False)
class Targets:
    """All targets, and the form that they came in.

    Attributes:
        each: The targets in their order.
        form: `array`, `frame` or `dict`.
        frame: Class of the frame, where it was one.
    """

    each: tuple[Target, ...]
    form: str
    frame: type | None = None

    @classmethod
    def of(cls, y: Any, outputs: Kinds, taken: set[str]) -> Self:
        """Read what an estimator is fitted to.

        Args:
            y: Targets.
            outputs: What the user declared of them.
            taken: Names of columns that are taken; those of the targets are added.

        Raises:
            ValueError: They cannot be targets.
        """
        values = read(y)
        declared = outputs_of(values, outputs)
        each = []
        for name, columns in values.items():
            classes = classes_of(name, columns[0]) if declared[name].kind == "classification" else None
            many = len(columns) > 1
            if many and classes is not None:
                raise InputError(f"output {short(name)}: expected one label a row, came {len(columns)}")
            names = [f"{name}_{place}" for place in range(len(columns))] if many else [name]
            free = tuple(free_name(column, taken) for column in names)
            each.append(Target(name, identifier(name), declared[name], free, classes, many))
        form = "dict" if isinstance(y, Mapping) else "frame" if is_frame(y) else "array"
        return cls(tuple(each), form, type(y) if form == "frame" else None)

    def read(self, y: Any) -> dict[str, list[Array]]:
        """Columns of each target by its name, of the same targets for other rows.

        Raises:
            ValueError: They are other targets.
        """
        values = read(y)
        if len(self.each) == len(values) == 1:  # a series may have any name
            values = {self.each[0].name: next(iter(values.values()))}
        for target in self.each:
            if len(values.get(target.name, [])) != len(target.columns):
                told = ", ".join(short(name) for name in values)
                raise InputError(
                    f"y: expected the targets fitted to, {short(target.name)} among them; came {told}"
                )
        return {target.name: values[target.name] for target in self.each}

    def encode(self, values: Mapping[str, list[Array]]) -> dict[str, Array]:
        """Columns of the problem's table by their names."""
        pairs = ((each.columns, each.encode(values[each.name])) for each in self.each)
        return {name: column for names, columns in pairs for name, column in zip(names, columns, strict=True)}

    def joined(self, answers: Mapping[str, Array], index: Any = None) -> Any:
        """Answers by target in the form that the targets came in: an array where there is one.

        Args:
            answers: Array (rows,), or (rows, width) of a vector, by name.
            index: Index of the rows, for a frame of pandas.
        """
        if len(self.each) == 1:
            return answers[self.each[0].name]
        if self.frame is not None:
            made = self.frame(dict(answers))
            return made if index is None or not hasattr(made, "set_axis") else made.set_axis(index)
        if self.form == "dict":
            return dict(answers)
        numeric = all(column.dtype.kind in "biuf" for column in answers.values())
        same = len({column.dtype.kind for column in answers.values()}) == 1
        columns = list(answers.values())
        return np.stack(columns if numeric or same else [column.astype(object) for column in columns], axis=1)

    def listed(self, of_classes: Mapping[str, Array]) -> Any:
        """What belongs to classifications: itself of one target, a list where y was an array, else a dict."""
        if len(self.each) == 1:
            return next(iter(of_classes.values()))
        return list(of_classes.values()) if self.form == "array" else dict(of_classes)


def read(y: Any) -> dict[str, list[Array]]:
    """Columns (rows,) of each target by name; missing values of other than floats and dates as None.

    Raises:
        ValueError: They cannot be targets.
    """
    if y is None:
        raise ValueError("This estimator requires y to be passed, but the target y is None.")
    if isinstance(y, Mapping) or is_frame(y):
        names = list(y if isinstance(y, Mapping) else y.columns)
        if not names:
            raise InputError("y: expected one target or more, came none")
        return {_name(name): _columns(_name(name), y[name]) for name in names}
    if hasattr(y, "name") and hasattr(y, "dtype"):  # a series of pandas or polars
        name = y.name if isinstance(y.name, str) and y.name.strip() else "y"
        return {name: _columns(name, y)}
    array = _array("y", y)
    if array.ndim == 1 or array.shape[1] == 1:
        return {"y": [_tidy("y", array.reshape(-1))]}
    return {f"y{place}": [_tidy(f"y{place}", column)] for place, column in enumerate(array.T)}


def _name(name: object) -> str:
    if not isinstance(name, str) or not name.strip():
        raise InputError(f"y: expected names of text, came {short(name)}")
    return name


def _columns(name: str, values: Any) -> list[Array]:
    if getattr(values, "ndim", 1) != 1 or not hasattr(values, "dtype"):
        array = _array(name, values)
        return [_tidy(name, column) for column in (array[:, None] if array.ndim == 1 else array).T]
    return [_tidy(name, as_frame({name: values}).columns[name])]


def _array(name: str, values: Any) -> Array:
    array: Array = check_array(
        values,
        ensure_2d=False,
        dtype=None,
        ensure_all_finite=False,
        ensure_min_samples=0,
        input_name=name,
    )
    return array


def _tidy(name: str, column: Array) -> Array:
    """A column of numbers, booleans, text or dates; objects that are numbers become such."""
    if column.dtype.kind == "O":
        gaps = np.array([value is None or value != value for value in column.tolist()], dtype=bool)
        there = column[~gaps].tolist()
        if there and all(
            isinstance(value, Real) and not isinstance(value, bool | np.bool_) for value in there
        ):
            whole = np.array(there)
            column = whole if not gaps.any() else np.where(gaps, np.nan, column).astype(np.float64)
        else:
            column = column.copy()
            column[gaps] = None
    if column.dtype.kind == "f":
        assert_all_finite(column, allow_nan=True, input_name=name)
    return column

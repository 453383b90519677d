"""New rows in a file, for a problem that is known."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from graftwork.documents import short
from graftwork.errors import InputError
from graftwork.problem._arrays import Array
from graftwork.problem.files.images import read_images
from graftwork.problem.files.load import READERS, read_table
from graftwork.problem.files.npz import read_npz
from graftwork.problem.interface import Interface
from graftwork.problem.problem import Problem
from graftwork.problem.tables import Frame, Table, identifier

_MOST_NAMED = 10


@dataclass(frozen=True, eq=False)
class NewRows:
    """Rows to predict for.

    Attributes:
        arrays: What `Problem.encode_inputs` takes.
        notes: What was not read, a sentence each.
    """

    arrays: dict[str, Array]
    notes: tuple[str, ...]


def read_rows(path: Path, problem: Problem | Interface) -> NewRows:
    """The inputs of a problem out of a file: a table where it was made of one, else an NPZ file of arrays.

    Targets need not be there, and are not read. An NPZ file holds an array for every input, by its name.

    Args:
        path: The file.
        problem: The problem, or its interface.

    Raises:
        InputError: The file is missing, empty or of another kind, an input is missing, or a value is not of
            its column's kind; the message names row and column.
    """
    asked = problem.interface if isinstance(problem, Problem) else problem
    if asked.table is not None:
        return _of_table(path, asked, asked.table)
    return _of_arrays(path, asked)


def _of_table(path: Path, problem: Interface, table: Table) -> NewRows:
    if path.suffix.lower() not in READERS:
        raise InputError(f"'{path}': expected a table, in a file that ends in {', '.join(READERS)}")
    frame = read_table(path)
    pictured = _pictured(problem, table)
    read = [*table.inputs, *pictured.values()]
    _refuse_missing(path, "column", [name for name in read if name not in frame.columns], frame.columns)
    arrays = table.arrays(frame) if table.inputs else {}
    for name, column in pictured.items():
        arrays[name] = _images(frame, column, problem, name)
    targets = {name for names in table.targets.values() for name in names}
    return NewRows(arrays, _notes("column", [name for name in frame.columns if name not in read], targets))


def _pictured(problem: Interface, table: Table) -> dict[str, str]:
    """The input of images, if there is one, and the column that names their files."""
    fed = {*table.numbers, *table.categories, *table.embedded}
    left = [name for name in problem.inputs if name not in fed]
    if not left:
        return {}
    if problem.images is None:
        raise InputError(f"input {left[0]!r} is images, and the problem does not say where images are")
    return {left[0]: problem.images.column}


def _images(frame: Frame, column: str, problem: Interface, name: str) -> Array:
    folder = Path(problem.images.folder if problem.images is not None else ".")
    found = read_images(frame, column, folder)
    # All of a few may be grey where those that it was fitted to were not.
    coloured = problem.inputs[name].shape[0] == 3 and found.shape[1] == 1
    return np.repeat(found, 3, axis=1) if coloured else found


def _of_arrays(path: Path, problem: Interface) -> NewRows:
    if path.suffix.lower() != ".npz":
        raise InputError(
            f"'{path}': the problem was made of arrays; expected a file that ends in .npz, with the arrays "
            f"{', '.join(problem.inputs)}"
        )
    found = read_npz(path)
    named = {name: _named(name, found) for name in problem.inputs}
    _refuse_missing(path, "array", [name for name, array in named.items() if array is None], found)
    arrays = {name: found[array] for name, array in named.items() if array is not None}
    for name, values in arrays.items():
        if not len(values):
            raise InputError(f"'{path}': array {short(named[name])} has no rows")
    left = [name for name in found if name not in named.values()]
    return NewRows(arrays, _notes("array", left, set(problem.outputs)))


def _named(name: str, found: dict[str, Array]) -> str | None:
    """The array of an input, which is named after it by letters, digits and underscores."""
    if name in found:
        return name
    plain = re.sub(r"(_in)+$", "", name)  # what tells it from an output of that name
    return next((array for array in found if identifier(array) in (name, plain)), None)


def _refuse_missing(path: Path, what: str, missing: list[str], found: Iterable[str]) -> None:
    if missing:
        raise InputError(
            f"'{path}' misses {_listed(what, missing)}, which the model reads; it has {_listed(what, found)}"
        )


def _notes(what: str, left: list[str], targets: set[str]) -> tuple[str, ...]:
    """A sentence about targets, and one about all else that is not read."""
    told = [name for name in left if name in targets]
    other = [name for name in left if name not in targets]
    parts = [f"{_listed(what, told)} not read: what the model is to tell"] if told else []
    return (*parts, *([f"{_listed(what, other)} not read: no input of the model"] if other else []))


def _listed(what: str, names: Iterable[str]) -> str:
    first = [short(name) for name in names]
    more = ["and more"] if len(first) > _MOST_NAMED else []
    return f"{what}{'s' if len(first) > 1 else ''} " + ", ".join(first[:_MOST_NAMED] + more)

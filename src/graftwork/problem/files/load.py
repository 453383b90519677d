"""The problem that a description means."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from graftwork.documents import short
from graftwork.errors import InputError
from graftwork.problem._arrays import Array
from graftwork.problem._names import unknown
from graftwork.problem.categorical import Categorical
from graftwork.problem.files.csv_file import read_csv
from graftwork.problem.files.description import Description, OutputDescription
from graftwork.problem.files.images import read_images
from graftwork.problem.files.limits import check_bytes
from graftwork.problem.files.npz import read_npz
from graftwork.problem.files.parquet import read_parquet
from graftwork.problem.outputs import Classification, Generation, Output
from graftwork.problem.problem import Problem
from graftwork.problem.tables import Declared, Frame, TableOptions, free_name, identifier

READERS = {
    ".csv": read_csv,
    ".tsv": read_csv,
    ".txt": read_csv,
    ".parquet": read_parquet,
    ".pq": read_parquet,
}
DATA_ENDINGS = (*READERS, ".npz")


def problem_of(description: Description) -> Problem:
    """The problem, which remembers where it came from.

    Args:
        description: Its paths are absolute.

    Raises:
        InputError: Data are missing, changed, or cannot be a problem; the message names file, row and column.
    """
    path = Path(description.data)
    digest = _digest(path)
    if description.sha256 not in (None, digest):
        raise InputError(
            f"'{path}' does not hold what it held when the run was begun; put that file back, or begin "
            "another run"
        )
    kept = description.model_copy(update={"sha256": digest, "name": description.name or _name(path)})
    build = _of_arrays if path.suffix.lower() == ".npz" else _of_table
    return replace(build(kept, path), source=kept.model_dump_json(exclude_defaults=True))


def read_table(path: Path) -> Frame:
    """A table in a file of a known ending.

    Raises:
        InputError: It is missing, of another kind, or damaged.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"'{path}': expected a file that ends in {', '.join(READERS)} or .npz")
    return reader(path)


def _digest(path: Path) -> str:
    try:
        if path.is_dir():
            raise InputError(
                f"'{path}' is a folder; expected a table that names its images, see docs/data.md"
            )
        if not path.is_file():
            raise InputError(f"no data file '{path}'; if it was moved, put it back or name its new place")
        check_bytes(path)
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"cannot read '{str(path)[:200]}': {error.strerror or error}") from None


def _name(path: Path) -> str:
    plain = "".join(sign if sign.isprintable() else "_" for sign in path.stem)
    return plain[:100] or "data"


def _of_table(description: Description, path: Path) -> Problem:
    frame = read_table(path)
    options = TableOptions(
        inputs=description.inputs,
        kinds=description.columns,
        leave_out=description.leave_out,
        group=description.group,
        seed=description.seed,
        fractions=description.fractions,
        weights=description.weights,
    )
    images = {}
    if description.images is not None:
        column = description.images.column
        images[column] = read_images(frame, column, Path(description.images.folder))
    outputs: dict[str, Declared] = {
        name: _pair(name, output, images) for name, output in description.outputs.items()
    }
    return Problem.from_options(description.name or "", frame, outputs, options, images)


def _pair(name: str, output: OutputDescription, images: dict[str, Array]) -> Declared:
    declared = output.declared(name)
    if output.columns is not None:
        return declared, output.columns
    if isinstance(declared, Generation) and images:
        return declared, list(images)
    return declared


def _of_arrays(description: Description, path: Path) -> Problem:
    for key in ("group", "images", "columns", "leave_out"):
        if getattr(description, key):
            raise InputError(f"{key}: it goes with tables, and '{path}' holds arrays")
    arrays = read_npz(path)
    used = {name: output.columns or [name] for name, output in description.outputs.items()}
    targets = {
        array
        for name, names in used.items()
        for array in names
        if description.outputs[name].kind != "generation"
    }
    weights = description.weights
    names = description.inputs
    if names is None:
        names = [name for name in arrays if name not in targets and name != weights]
    for name in names:
        if name in targets:
            raise InputError(
                f"array {short(name)} is a target and among the inputs, which would tell the answer; "
                "take it out of one "
                "of them"
            )
    if weights is not None and any(weights in group for group in (names, *used.values())):
        raise InputError(f"array {short(weights)} holds weights, and is also an input or asked for")
    taken = {identifier(name) for name in description.outputs}
    return Problem.from_arrays(
        description.name or "",
        inputs={free_name(identifier(name), taken): _input(_array(arrays, name)) for name in names},
        outputs={
            identifier(name): _output(name, description.outputs[name], used[name], names, arrays)
            for name in description.outputs
        },
        weights=None if weights is None else _array(arrays, weights),
        seed=description.seed,
        fractions=description.fractions,
    )


def _array(arrays: dict[str, Array], name: str) -> Array:
    if name not in arrays:
        raise unknown("array", name, arrays)
    return arrays[name]


def _input(array: Array) -> Any:
    return (Categorical(), array) if array.dtype.kind == "U" else array


def _output(
    name: str, output: OutputDescription, used: list[str], inputs: list[str], arrays: dict[str, Array]
) -> tuple[Output, Array]:
    declared = output.declared(name)
    if isinstance(declared, Generation) and output.columns is None and name not in arrays:
        if len(inputs) != 1:
            raise InputError(f"outputs.{name}.columns: expected the array that is generated, came none")
        used = inputs
    parts = [_array(arrays, array) for array in used]
    if len(parts) == 1:
        return declared, parts[0]
    if isinstance(declared, Classification) or any(part.ndim > 2 for part in parts):
        raise InputError(f"outputs.{name}.columns: expected one array, came {len(parts)}")
    flat = [part[:, None] if part.ndim == 1 else part for part in parts]
    if len({len(part) for part in flat}) > 1:
        raise InputError(f"outputs.{name}.columns: arrays of unequal rows, {[len(part) for part in flat]}")
    return declared, np.concatenate(flat, axis=1)

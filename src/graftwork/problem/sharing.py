"""A problem in files that several processes map into memory, instead of each having a copy."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from graftwork.errors import InputError
from graftwork.problem._owned_folder import owned_folder
from graftwork.problem._standardiser import Standardiser
from graftwork.problem._whitening import Whitening
from graftwork.problem.categorical import Categorical
from graftwork.problem.input import Input
from graftwork.problem.outputs import Classification, Generation, Regression
from graftwork.problem.problem import Problem
from graftwork.problem.signed_log import SignedLog
from graftwork.problem.split import SPLITS, Split
from graftwork.problem.tables import Table

_KNOWN = {
    kind.__name__: kind
    for kind in (
        *(Input, Categorical, Classification, Regression, Generation),
        *(Standardiser, SignedLog, Whitening, Split),
    )
}
_DESCRIPTION = "problem.json"
T = TypeVar("T")


class Place(Protocol):
    """Where a problem is needed: what an executor says of its workers."""

    @property
    def reach(self) -> str:
        """In this `process`, on this `machine`, or anywhere in a `cluster`."""
        ...

    def put(self, value: T) -> Callable[[], T]:
        """Make a value known to all workers; equal answers give the same value."""
        ...


@contextmanager
def shared_problem(problem: Problem, place: Place) -> Iterator[Problem]:
    """The same problem, whose rows are not sent with every task, while the context lasts.

    For workers of this machine it is in files that they map into memory; sent to one it is a path. In a
    cluster it is put once where every worker fetches it. For an executor that works in this process it is the
    problem itself; so it is on one machine where an output is of a kind of the user's own, which files cannot
    hold.

    Args:
        problem: What is shared.
        place: The executor whose workers need it.

    Raises:
        InputError: Its numbers are not float32: workers build models that are.

    Example:
        >>> from graftwork.problem import load_problem
        >>> from graftwork.runtime import ProcessExecutor
        >>> digits = load_problem("digits")
        >>> with ProcessExecutor(2) as executor, shared_problem(digits, executor) as shared:
        ...     shared.fingerprint == digits.fingerprint
        True
    """
    if problem.to(torch.float32) is not problem:
        raise InputError(
            f"problem {problem.name!r}: expected float32 numbers, in which searches and studies are done, "
            "came float64; give `problem.to(torch.float32)`"
        )
    if place.reach == "cluster":
        # Without its loader, so that it travels whole: other machines may not have the data of its name.
        yield replace(problem, loader=partial(_fetched, place.put(replace(problem, loader=None))))
        return
    parts = (*problem.inputs.values(), *problem.outputs.values())
    if place.reach == "process" or any(type(part).__name__ not in _KNOWN for part in parts):
        yield problem
        return
    with owned_folder("graftwork-problem-") as folder:
        write_problem(problem, folder)
        yield replace(problem, loader=partial(_mapped, str(folder)))


def write_problem(problem: Problem, folder: Path) -> None:
    """Write a problem into an empty folder: a description, and a file for each array."""
    writer = _Writer(folder)
    described = {
        "name": problem.name,
        "inputs": {name: writer.described(node) for name, node in problem.inputs.items()},
        "outputs": {name: writer.described(node) for name, node in problem.outputs.items()},
        **{split: writer.described(problem.split(split)) for split in SPLITS},
        "table": problem.table and problem.table.to_json(),
        "source": problem.source,
    }
    (folder / _DESCRIPTION).write_text(json.dumps(described), encoding="utf-8")


def read_problem(folder: Path) -> Problem:
    """A problem that was written, its arrays mapped into memory; nothing in the files can run code."""
    described = json.loads((folder / _DESCRIPTION).read_text(encoding="utf-8"))
    reader = _Reader(folder)
    return Problem(
        described["name"],
        {name: reader.made(node) for name, node in described["inputs"].items()},
        {name: reader.made(node) for name, node in described["outputs"].items()},
        **{split: reader.made(described[split]) for split in SPLITS},
        table=described["table"] and Table.from_json(described["table"]),
        source=described["source"],
    )


@lru_cache(maxsize=8)
def _mapped(folder: str, name: str) -> Problem:
    return replace(read_problem(Path(folder)), loader=partial(_mapped, folder))


@lru_cache(maxsize=8)
def _fetched(fetch: Callable[[], Problem], name: str) -> Problem:
    return replace(fetch(), loader=partial(_fetched, fetch))


class _Writer:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # By address: images that go in and come out are one tensor, and stay one.
        self._written: dict[tuple[int, tuple[int, ...], str], str] = {}

    def described(self, value: Any) -> Any:
        if isinstance(value, Tensor):
            return {"tensor": self._array(value.contiguous().numpy())}
        if isinstance(value, np.ndarray):
            return {"array": self._array(value)}
        if is_dataclass(value):
            held = {field.name: self.described(getattr(value, field.name)) for field in fields(value)}
            return {"kind": type(value).__name__, "fields": held}
        if isinstance(value, Mapping):
            return {"mapping": {key: self.described(item) for key, item in value.items()}}
        if isinstance(value, tuple):
            return {"tuple": [self.described(item) for item in value]}
        return value

    def _array(self, array: npt.NDArray[Any]) -> str:
        key = (array.__array_interface__["data"][0], array.shape, array.dtype.str)
        if key not in self._written:
            name = f"{len(self._written)}.npy"
            # Its numbers begin at a multiple of 64 bytes, as those of a tensor do: vectorised kernels treat
            # the ends of a misaligned buffer apart, and so may round otherwise.
            np.save(self._folder / name, array, allow_pickle=False)
            self._written[key] = name
        return self._written[key]


class _Reader:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, Any] = {}

    def made(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        if "tensor" in value:
            return torch.from_numpy(self._array(value["tensor"]))
        if "array" in value:
            return self._array(value["array"])
        if "mapping" in value:
            return {key: self.made(item) for key, item in value["mapping"].items()}
        if "tuple" in value:
            return tuple(self.made(item) for item in value["tuple"])
        held = {name: self.made(item) for name, item in value["fields"].items()}
        return _KNOWN[value["kind"]](**held)

    def _array(self, name: str) -> npt.NDArray[Any]:
        if name not in self._read:
            # Copy on write: torch wants arrays that may be written, and none of these is.
            self._read[name] = np.load(self._folder / name, mmap_mode="c", allow_pickle=False)
        array: npt.NDArray[Any] = self._read[name]
        return array

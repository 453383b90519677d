"""What goes into an exported graph and comes out of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from graftwork.problem import Categorical, Input, Interface, Standardiser
from graftwork.problem.tables import RARE, Categories, Column, Numbers

Array = npt.NDArray[Any]
Rows = Mapping[str, Array] | Mapping[str, Column]
DType = Literal["float64", "float32", "int64"]
TYPES: Mapping[DType, torch.dtype] = {
    "float64": torch.float64,
    "float32": torch.float32,
    "int64": torch.int64,
}


@dataclass(frozen=True)
class Port:
    """One tensor that a graph takes or gives; its first dimension is the rows, of any number.

    Attributes:
        name: Its name in the graph.
        dtype: Of its numbers.
        shape: Of a row.
        meaning: What it holds, a sentence.
        columns: What its places are, in order: columns of the table, or classes.
        codes: What codes stand for, a list for every column, or one where there is one code a row. Code k is
            the place in the list, and -1 whatever is not in it.
    """

    name: str
    dtype: DType
    shape: tuple[int, ...]
    meaning: str
    columns: tuple[Any, ...] = ()
    codes: tuple[tuple[Any, ...], ...] = ()


def input_port(interface: Interface, name: str) -> Port:
    """What a graph takes for an input of a problem: numbers as they are, and codes of categories."""
    table, node = interface.table, interface.inputs[name]
    if table is not None and name in table.numbers:
        numbers = table.numbers[name]
        told = "Numbers of the table, NaN for a gap; booleans are 0 and 1, dates days since 1970 in UTC."
        return Port(name, "float64", (len(numbers.names),), told, numbers.names)
    if table is not None and name in table.categories:
        part = table.categories[name]
        told = f"Codes of categories, a column each. '' is a gap; what is not listed is '{RARE}', or -1."
        return Port(name, "int64", (len(part.names),), told, part.names, part.levels)
    if isinstance(node, Categorical):
        columns = (table.embedded[name].name,) if table is not None and name in table.embedded else ()
        told = "The code of a category; -1 for a gap"
        told += f", '{RARE}' for what is not listed." if columns else " and for what is not listed."
        return Port(name, "int64", (), told, columns, (tuple(node.categories or ()),))
    return Port(name, "float64", node.shape, "Numbers as they are.")


def feed(interface: Interface, name: str, rows: Rows) -> Array:
    """Rows of an input as its port takes them.

    Args:
        interface: Of the problem.
        name: Of the input.
        rows: Columns of the table by name, or arrays by input.
    """
    table, node = interface.table, interface.inputs[name]
    if table is not None and name in table.numbers:
        return np.stack([column.values for column in _columns(rows, table.numbers[name].names)], axis=1)
    if table is not None and name in table.categories:
        part = table.categories[name]
        coded = [
            _codes(column.values.tolist(), levels, has_rare=rare is not None)
            for column, levels, rare in zip(_columns(rows, part.names), part.levels, part.rare, strict=True)
        ]
        return np.stack(coded, axis=1)
    if table is not None and name in table.embedded:
        (column,) = _columns(rows, [table.embedded[name].name])
        return _coded(node, table.embedded[name].encode(column))
    values = np.asarray(rows[name])
    return _coded(node, values) if isinstance(node, Categorical) else values.astype(np.float64)


def encoder(interface: Interface, name: str) -> nn.Module:
    """From what the port of an input takes to what a model reads, (rows, width) float32."""
    table, node = interface.table, interface.inputs[name]
    if isinstance(node, Categorical):
        return _Codes()
    standardise = _Standardise(_fitted(node))
    if table is not None and name in table.numbers:
        return nn.Sequential(_Filled(table.numbers[name]), standardise)
    if table is not None and name in table.categories:
        return nn.Sequential(_OneHot(table.categories[name]), standardise)
    return standardise


def constant(array: Array | list[float]) -> nn.Buffer:
    """Numbers that a graph holds."""
    return nn.Buffer(torch.tensor(array, dtype=torch.float64))


class _Standardise(nn.Module):
    def __init__(self, standardiser: Standardiser) -> None:
        super().__init__()
        self.centre, self.scale = constant(standardiser.centre), constant(standardiser.scale)

    def forward(self, rows: Tensor) -> Tensor:
        return ((rows.flatten(1) - self.centre) / self.scale).to(torch.float32)


class _Filled(nn.Module):
    """Gaps filled with medians, and told by an indicator for each column that has gaps in training rows."""

    def __init__(self, numbers: Numbers) -> None:
        super().__init__()
        self.medians = constant(np.array(numbers.medians))
        self.gaps = [position for position, gap in enumerate(numbers.gaps) if gap]

    def forward(self, rows: Tensor) -> Tensor:
        missing = rows.isnan()
        filled = torch.where(missing, self.medians, rows)
        told = [missing[:, place : place + 1].to(torch.float64) for place in self.gaps]
        return torch.cat([filled, *told], dim=1)


class _OneHot(nn.Module):
    def __init__(self, categories: Categories) -> None:
        super().__init__()
        self.sizes = [len(levels) for levels in categories.levels]

    def forward(self, codes: Tensor) -> Tensor:
        parts = [codes[:, place : place + 1] == torch.arange(size) for place, size in enumerate(self.sizes)]
        return torch.cat(parts, dim=1).to(torch.float64)


class _Codes(nn.Module):
    def forward(self, codes: Tensor) -> Tensor:
        return codes.to(torch.float32).unsqueeze(1)


def _fitted(node: Input) -> Standardiser:
    assert node.standardiser is not None
    return node.standardiser


def _columns(rows: Rows, names: Iterable[str]) -> list[Column]:
    return [column for name in names if isinstance(column := rows[name], Column)]


def _codes(values: list[Any], levels: tuple[str, ...], *, has_rare: bool) -> Array:
    frequent = levels[:-1] if has_rare else levels
    known = {level: code for code, level in enumerate(frequent)}
    rest = len(frequent) if has_rare else -1
    return np.array([known.get(value, rest) for value in values], dtype=np.int64)


def _coded(node: Any, labels: Array) -> Array:
    codes: Array = node.encode(labels).numpy()[:, 0].astype(np.int64)
    return codes

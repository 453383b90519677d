"""What a model needs of its problem to answer new rows: all that was fitted, and none of the data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import numpy as np
import torch
from torch import Tensor

from graftwork.documents import from_others
from graftwork.errors import InputError
from graftwork.problem import _assemble
from graftwork.problem._names import check_names
from graftwork.problem._random import generator
from graftwork.problem.categorical import Categorical
from graftwork.problem.input import Input
from graftwork.problem.outputs import Output
from graftwork.problem.split import Split
from graftwork.problem.tables import Table
from graftwork.problem.tables.column import Column

if TYPE_CHECKING:
    from graftwork.problem._interface_document import InterfaceDocument

MOST_CONDITIONS = 4096
_TRIED_ROWS = 2


@dataclass(frozen=True)
class ImageFolder:
    """Where the images of rows are, of a table that names them.

    Attributes:
        column: The column that names the file of each row.
        folder: Where the files are.
    """

    column: str
    folder: str


@dataclass(frozen=True, eq=False)
class Interface:
    """How new rows become what a model reads, and what it answers becomes classes, numbers and rows again.

    A problem has one, `problem.interface`; a run keeps it, so that its models answer where the data are not.

    Attributes:
        name: Name of the problem.
        inputs: Fitted inputs by name.
        outputs: Fitted outputs by name.
        table: How rows of a table become inputs, where the problem was made of one.
        images: Where that table's images are, if it names some.
        conditions: Encoded training rows (rows, width) by input, at most 4,096, of which decoders compute
            their conditions when they sample. No part of the document: they are kept beside it, as tensors.

    Example:
        >>> import numpy as np
        >>> from graftwork.problem import Problem, Regression
        >>> x = np.arange(20.0)
        >>> problem = Problem.from_arrays("line", inputs={"x": x}, outputs={"y": (Regression(), 3 * x)})
        >>> interface = Interface.from_json(problem.interface.to_json())
        >>> bool((interface.encode_inputs({"x": x})["x"] == problem.encode_inputs({"x": x})["x"]).all())
        True
    """

    name: str
    inputs: Mapping[str, Input | Categorical]
    outputs: Mapping[str, Output]
    table: Table | None = None
    images: ImageFolder | None = None
    conditions: Mapping[str, Tensor] = field(default_factory=dict, repr=False)

    def encode_inputs(self, arrays: Mapping[str, object]) -> dict[str, Tensor]:
        """New rows, encoded as the training rows were: float32 (rows, width) by input.

        Args:
            arrays: Arrays (rows,) or (rows, *shape) of finite numbers for every input, labels for categorical
                ones.

        Raises:
            InputError: An input is missing, unknown, of another shape or not finite.
        """
        return _assemble.encode_inputs(self.inputs, arrays)

    def encode_frame(self, frame: object) -> dict[str, Tensor]:
        """New rows of a table, encoded as the training rows were: float32 (rows, width) by input.

        Args:
            frame: As in `Problem.from_frame`; columns that are no inputs are not looked at.

        Raises:
            InputError: The problem was not made of a table, a column is missing, or a value is of another
                kind.
        """
        if self.table is None:
            raise InputError(f"problem {self.name!r} was not made of a table; give arrays to `encode_inputs`")
        return self.encode_inputs(self.table.arrays(frame))

    def to_json(self) -> str:
        """All of it but the conditions, as a versioned document.

        Raises:
            InputError: An output is of a kind that documents do not know, or the document would be larger
                than they are read.
        """
        return _document().of(self).text()

    @classmethod
    def from_json(cls, text: str, conditions: Mapping[str, Tensor] | None = None) -> Self:
        """What was written; in bounded time and memory, and nothing in it can run code.

        Args:
            text: Who wrote it need not be trusted.
            conditions: Tensors that were kept beside it.

        Raises:
            InputError: It is not what `to_json` writes, or what it holds does not fit together.
        """
        document = _document().read(text)
        with from_others("the interface"):
            read = cls(
                name=document.name,
                inputs={node.name: node.made() for node in document.inputs},
                outputs={node.name: node.made() for node in document.outputs},
                table=None if document.table is None else Table.from_json(json.dumps(document.table)),
                images=None if document.images is None else document.images.made(),
                conditions=dict(conditions or {}),
            )
            read._check(document)
        return read

    def _check(self, document: InterfaceDocument) -> None:
        """Refuse parts that do not fit together; `from_others` names what the rest trips over."""
        check_names(self.inputs, self.outputs)
        for role, nodes, listed in (
            ("input", self.inputs, document.inputs),
            ("output", self.outputs, document.outputs),
        ):
            if len(nodes) != len(listed) or not nodes:
                raise InputError(f"the interface: expected one {role} or more, each of a name of its own")
        counts = {len(rows) for rows in self.conditions.values()}
        widths = {name: (0, self.inputs[name].width) for name in self.conditions}
        if len(counts) > 1 or 0 in counts:
            raise InputError(f"the interface: conditions of {sorted(counts)} rows, expected as many of each")
        for name, rows in self.conditions.items():
            if rows[:0].shape != widths[name] or rows.dtype != torch.float32:
                raise InputError(f"the interface: conditions of input {name!r} are not of its shape")
        for output in self.outputs.values():
            output.decode(torch.zeros(_TRIED_ROWS, output.width))
        if self.table is not None:
            self._try(self.table)

    def _try(self, table: Table) -> None:
        """Encode rows that are missing throughout, and read rows of zeros back."""
        columns = {name: _gaps(name, table) for name in table.inputs}
        arrays = table.encode(columns)
        fed = {*arrays} ^ {*self.inputs}
        if fed and not (self.images is not None and len(fed) == 1 and fed <= {*self.inputs}):
            raise InputError(f"the interface: the table does not feed its inputs: {', '.join(sorted(fed))}")
        for name, rows in arrays.items():
            self.inputs[name].encode(self.inputs[name].tidy(rows))
        for name, columns_of in table.targets.items():
            if self.outputs[name].kind == "regression" and len(columns_of) != self.outputs[name].width:
                raise InputError(f"the interface: output {name!r} has other columns than the table says")
        for name, code in table.rows.items():
            if code.width != self.outputs[name].width:
                raise InputError(f"the interface: rows of {name!r} are not as wide as the table says")
            table.generated(name, np.zeros((_TRIED_ROWS, code.width)))


def image_folder(source: str | None) -> ImageFolder | None:
    """Where the images of a problem are, by the description of the files that it was read from."""
    from graftwork.problem.files import described

    images = described(source, "the problem").images if source is not None else None
    return ImageFolder(images.column, images.folder) if images is not None else None


def condition_rows(train: Split) -> Mapping[str, Tensor]:
    """Inputs of the training rows, or of the same 4,096 of them every time where they are more.

    Where rows weigh, each is among the 4,096 as often as its weight says.
    """
    if train.weights is not None:
        shares = train.weights.double().numpy()
        drawn = generator("conditions").choice(len(shares), size=MOST_CONDITIONS, p=shares / shares.sum())
        return {name: rows[torch.from_numpy(drawn)] for name, rows in train.inputs.items()}
    if train.rows <= MOST_CONDITIONS:
        return train.inputs
    picked = torch.from_numpy(np.sort(generator("conditions").permutation(train.rows)[:MOST_CONDITIONS]))
    return {name: rows[picked] for name, rows in train.inputs.items()}


def _gaps(name: str, table: Table) -> Column:
    kind = table.kinds[name]
    values = (
        np.array([""] * _TRIED_ROWS, dtype=object) if kind == "category" else np.full(_TRIED_ROWS, np.nan)
    )
    return Column(name, kind, values)


def _document() -> type[InterfaceDocument]:
    # pydantic takes a tenth of a second to import.
    from graftwork.problem._interface_document import InterfaceDocument

    return InterfaceDocument

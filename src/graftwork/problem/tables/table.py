"""How the rows of a table become the arrays of a problem: what was fitted, kept as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from graftwork.documents import faults, parse
from graftwork.errors import InputError
from graftwork.problem._arrays import Array
from graftwork.problem.tables.column import Column, ColumnKind, read_column, restored
from graftwork.problem.tables.encoding import Categories, Embedded, Numbers, pick
from graftwork.problem.tables.frame import as_frame
from graftwork.problem.tables.rows import RowCode

if TYPE_CHECKING:
    import pandas as pd
    from pydantic import TypeAdapter


@dataclass(frozen=True)
class Table:
    """How the rows of a table become arrays; fitted on training rows.

    Attributes:
        kinds: Kind of every column that is read.
        numbers: The input of numbers, by its name.
        categories: The input of categories that have a number each, by its name.
        embedded: Columns that are inputs of their own, by the input's name.
        targets: Columns of every classification and regression, by the output's name.
        rows: How rows are generated, by the output's name.
        notes: What was guessed, left out or changed, a sentence each.
    """

    kinds: dict[str, ColumnKind]
    numbers: dict[str, Numbers]
    categories: dict[str, Categories]
    embedded: dict[str, Embedded]
    targets: dict[str, tuple[str, ...]]
    rows: dict[str, RowCode]
    notes: tuple[str, ...] = ()

    @property
    def inputs(self) -> tuple[str, ...]:
        """The columns that are read for the inputs."""
        names = [name for numbers in self.numbers.values() for name in numbers.names]
        names += [name for categories in self.categories.values() for name in categories.names]
        return (*names, *(embedded.name for embedded in self.embedded.values()))

    def arrays(self, table: object) -> dict[str, Array]:
        """The arrays of the inputs for new rows; columns that are not read may be missing or hold anything.

        Raises:
            InputError: A column is missing, or a value is not of its column's kind.
        """
        frame = as_frame(table)
        return self.encode({name: read_column(frame, name, self.kinds[name]) for name in self.inputs})

    def encode(self, columns: Mapping[str, Column]) -> dict[str, Array]:
        """The arrays of the inputs for columns that were read."""
        arrays = {name: part.encode(pick(columns, part.names)) for name, part in self.numbers.items()}
        arrays |= {name: part.encode(pick(columns, part.names)) for name, part in self.categories.items()}
        return arrays | {name: part.encode(columns[part.name]) for name, part in self.embedded.items()}

    def generated(self, output: str, vectors: Array) -> pd.DataFrame:
        """Generated rows as the table has them: whole numbers, booleans and dates as such.

        Args:
            output: Name of the output that generated them.
            vectors: (rows, width), decoded by that output.
        """
        import pandas as pd

        code = self.rows[output]
        columns = code.decode(vectors)
        for name, whole in zip(code.numbers, code.whole, strict=True):
            columns[name] = restored(columns[name], self.kinds[name], whole=whole)
        return pd.DataFrame(columns)

    def to_json(self) -> str:
        """All that was fitted."""
        return _adapter().dump_json(self).decode()

    @classmethod
    def from_json(cls, text: str) -> Table:
        """What was written; nothing in it can run code.

        Raises:
            InputError: It is not what `to_json` writes.
        """
        from pydantic import ValidationError

        try:
            table: Table = _adapter().validate_python(parse(text, "the table"))
        except ValidationError as error:
            raise InputError(f"the table: {faults(error)}") from None
        return table

    def noting(self, notes: Iterable[str]) -> Table:
        """The same with further notes."""
        return replace(self, notes=(*self.notes, *notes))

    def without_notes(self) -> Table:
        """The same for machines."""
        return replace(self, notes=())


@cache
def _adapter() -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(Table)

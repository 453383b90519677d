"""Tables: columns of every kind in, arrays of numbers and categories out, and back."""

from graftwork.problem.tables.assemble import (
    Arrays,
    Declared,
    TableOptions,
    arrays_of,
    free_name,
    identifier,
    numbers_rows,
    transform_notes,
)
from graftwork.problem.tables.column import KINDS, Column, ColumnKind, read_column
from graftwork.problem.tables.frame import Frame, as_frame
from graftwork.problem.tables.rows import RowCode
from graftwork.problem.tables.table import Table

__all__ = [
    "KINDS",
    "Arrays",
    "Column",
    "ColumnKind",
    "Declared",
    "Frame",
    "RowCode",
    "Table",
    "TableOptions",
    "arrays_of",
    "as_frame",
    "free_name",
    "identifier",
    "numbers_rows",
    "read_column",
    "transform_notes",
]

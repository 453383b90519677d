"""Tables: columns of every kind in, arrays of numbers and categories out, and back."""

from graftwork.problem.tables.assemble import Arrays, arrays_of
from graftwork.problem.tables.column import KINDS, Column, ColumnKind, read_column
from graftwork.problem.tables.encoding import RARE, Categories, Numbers
from graftwork.problem.tables.frame import Frame, as_frame
from graftwork.problem.tables.names import free_name, identifier
from graftwork.problem.tables.plan import Declared, TableOptions
from graftwork.problem.tables.rows import RowCode
from graftwork.problem.tables.table import Table
from graftwork.problem.tables.targets import transform_notes
from graftwork.problem.tables.usefulness import numbers_rows

__all__ = [
    "KINDS",
    "RARE",
    "Arrays",
    "Categories",
    "Column",
    "ColumnKind",
    "Declared",
    "Frame",
    "Numbers",
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

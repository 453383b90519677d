"""Tables in Parquet, through pyarrow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from graftwork.documents import short
from graftwork.errors import InputError, MissingExtraError
from graftwork.problem.files.limits import check_bytes, check_cells, refuse_over
from graftwork.problem.tables import Frame, as_frame


def read_parquet(path: Path) -> Frame:
    """The columns of a file; its size is looked at before its rows are.

    Raises:
        InputError: It is too large, damaged, or holds nested columns; the message names the column.
        MissingExtraError: pyarrow is not installed.
    """
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError:
        raise MissingExtraError("parquet", "reading Parquet") from None
    check_bytes(path)
    try:
        with parquet.ParquetFile(path) as file:
            _check_size(path, file.metadata)
            _check_types(path, file.schema_arrow)
            table = file.read()
    except (arrow.ArrowException, OSError, ValueError) as error:
        raise InputError(f"cannot read '{path}' as Parquet: {str(error)[:200]}") from None
    try:
        return as_frame(table.to_pandas(ignore_metadata=True))
    except (arrow.ArrowException, ValueError, OverflowError) as error:
        raise InputError(f"'{path}': {str(error)[:200]}") from None


def _check_size(path: Path, metadata: Any) -> None:
    check_cells(path, metadata.num_rows * max(metadata.num_columns, 1))
    size = sum(metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups))
    refuse_over("GRAFTWORK_MAX_BYTES", size, f"'{path}', unpacked,", "bytes")


def _check_types(path: Path, schema: Any) -> None:
    from pyarrow import types

    for column in schema:
        if types.is_nested(column.type):
            raise InputError(
                f"'{path}': column {short(column.name)} is nested ({str(column.type)[:60]}); expected "
                "numbers, "
                "booleans, dates or text: spread it over columns, or leave it out when writing the file"
            )

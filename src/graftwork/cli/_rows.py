"""Tables and arrays that commands write: CSV, Parquet or NPZ, by the ending of a file."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from graftwork.cli._work import refuse_existing
from graftwork.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    import pandas as pd

ENDINGS = (".csv", ".parquet", ".pq", ".npz")


def check_out(path: Path | None) -> None:
    """Refuse a file that could not be written, before any work is done.

    Raises:
        InputError: It exists, or has an ending that is none of those known.
        MissingExtraError: It is to be Parquet, and pyarrow is not installed.
    """
    if path is None:
        return
    if path.suffix.lower() not in ENDINGS:
        raise InputError(f"--out '{path}': expected a name that ends in {', '.join(ENDINGS)}")
    refuse_existing(path)
    if path.suffix.lower() in (".parquet", ".pq"):
        try:
            import pyarrow  # noqa: F401
        except ImportError:
            raise MissingExtraError("parquet", "writing Parquet") from None


def csv_of(table: pd.DataFrame) -> str:
    """A table as CSV with a header.

    Example:
        >>> import pandas as pd
        >>> csv_of(pd.DataFrame({"sex": ["f", "m"], "mass": [3.5, 4.0]}))
        'sex,mass\\nf,3.5\\nm,4.0\\n'
    """
    text: str = table.to_csv(index=False, lineterminator="\n")
    return text


def records_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """A table as JSON values, a mapping a row."""
    columns = {name: table[name].tolist() for name in table.columns}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def as_table(name: str, made: pd.DataFrame | NDArray[Any]) -> pd.DataFrame:
    """What an output generates, as a table.

    Raises:
        InputError: It is images, which are none.
    """
    import pandas as pd

    if not isinstance(made, np.ndarray):
        return made
    if made.ndim > 2:
        raise InputError(f"'{name}' is images: give --out a file that ends in .npz")
    if made.shape[1] == 1:
        return pd.DataFrame({name: made[:, 0]})
    return pd.DataFrame({f"{name}_{number}": made[:, number] for number in range(made.shape[1])})


def content_of(name: str, made: pd.DataFrame | NDArray[Any], ending: str) -> bytes:
    """What an output predicts or generates as the content of a file; in NPZ, each column is an array."""
    if ending == ".npz" and isinstance(made, np.ndarray):
        return npz_bytes({name: made})
    table = as_table(name, made)
    if ending == ".npz":
        return npz_bytes({column: _plain(table[column].to_numpy()) for column in table.columns})
    if ending == ".csv":
        return csv_of(table).encode()
    content = io.BytesIO()
    table.to_parquet(content, index=False, engine="pyarrow")
    return content.getvalue()


def npz_bytes(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Arrays as the content of an NPZ file; equal arrays, equal bytes.

    `numpy.savez` takes names as keyword arguments, of which `file` is its own.
    """
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, np.ascontiguousarray(array), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), member.getvalue(), zipfile.ZIP_DEFLATED)
    return content.getvalue()


def _plain(values: NDArray[Any]) -> NDArray[Any]:
    """Text as text, where it came as objects."""
    return values.astype(np.str_) if values.dtype.kind == "O" else values

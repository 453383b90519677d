"""Arrays in NPZ files."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from graftwork.documents import short
from graftwork.errors import InputError
from graftwork.problem._arrays import Array
from graftwork.problem.files.limits import check_bytes, refuse_over

_MOST_ARRAYS = 1_000


def read_npz(path: Path) -> dict[str, Array]:
    """The arrays of a file by name; its unpacked size is looked at before it is read.

    Rows of two dimensions become images of one channel.

    Raises:
        InputError: It is too large or damaged, or an array is no numbers and no text.
    """
    check_bytes(path)
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > _MOST_ARRAYS:
                raise InputError(f"'{path}' holds {len(members)} arrays, expected at most {_MOST_ARRAYS}")
            size = sum(member.file_size for member in members)
            refuse_over("GRAFTWORK_MAX_BYTES", size, f"'{path}', unpacked,", "bytes")
        with np.load(path, allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in arrays.files}
    except InputError:
        raise
    except Exception as error:  # NumPy's and zlib's readers raise whatever they trip over
        raise InputError(f"cannot read '{path}' as NPZ: {type(error).__name__}: {str(error)[:200]}") from None
    if not found:
        raise InputError(f"'{path}' holds no arrays")
    return {name: _checked(path, name, array) for name, array in found.items()}


def _checked(path: Path, name: str, array: Array) -> Array:
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "biufU":
        raise InputError(
            f"'{path}': array {short(name)} holds {getattr(array, 'dtype', 'bytes')}; expected numbers "
            "or text"
        )
    if array.ndim == 0:
        raise InputError(f"'{path}': array {short(name)} is a single value; expected one or more a row")
    return array[:, None] if array.ndim == 3 else array

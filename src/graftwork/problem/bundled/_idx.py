"""Arrays of unsigned bytes in IDX files, packed or not."""

from __future__ import annotations

import gzip
import zlib
from math import prod
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from graftwork.errors import InputError

_UNSIGNED_BYTE = 8
_MOST_DIMENSIONS = 8
_MOST_BYTES = 1_000_000_000


def read_idx(path: Path) -> npt.NDArray[np.uint8]:
    """The array in an IDX file of unsigned bytes; gzip is told by the name's `.gz`.

    Source: LeCun, Cortes and Burges, "The MNIST database": two zero bytes, a byte for the type, a byte for
    the number of dimensions, each dimension as a big-endian 32-bit integer, then the data.

    Raises:
        InputError: The file cannot be read, or is not what it should be. No more of it is read or unpacked
            than its header speaks of, which is at most 10^9 bytes.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            return _read(path, file)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path} cannot be read ({error}); fetch it again") from None


def _read(path: Path, file: BinaryIO | gzip.GzipFile) -> npt.NDArray[np.uint8]:
    magic = file.read(4)
    if len(magic) < 4 or magic[:3] != bytes((0, 0, _UNSIGNED_BYTE)) or not 0 < magic[3] <= _MOST_DIMENSIONS:
        raise InputError(f"{path}: expected an IDX file of unsigned bytes, came magic {magic.hex()}")
    header = file.read(4 * magic[3])
    shape = tuple(np.frombuffer(header, dtype=">u4").tolist()) if len(header) == 4 * magic[3] else ()
    size = prod(shape)
    if size > _MOST_BYTES:
        raise InputError(f"{path}: expected at most {_MOST_BYTES} bytes, came a header of shape {shape}")
    content = file.read(size + 1)
    if not shape or len(content) != size:
        came = "more" if len(content) > size else len(content)
        raise InputError(
            f"{path}: expected {size} bytes for shape {shape}, came {came}; "
            "the file was cut short or changed: fetch it again"
        )
    return np.frombuffer(content, dtype=np.uint8).reshape(shape)

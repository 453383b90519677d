"""Arrays of unsigned bytes in IDX files, packed or not."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from graftwork.errors import InputError

_UNSIGNED_BYTE = 8


def read_idx(path: Path) -> npt.NDArray[np.uint8]:
    """The array in an IDX file of unsigned bytes; gzip is told by the name's `.gz`.

    Source: LeCun, Cortes and Burges, "The MNIST database": two zero bytes, a byte for the type, a byte for
    the number of dimensions, each dimension as a big-endian 32-bit integer, then the data.

    Raises:
        InputError: The file cannot be read, or is not what it should be.
    """
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path} cannot be read ({error}); fetch it again") from None
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] != _UNSIGNED_BYTE or content[3] == 0:
        raise InputError(f"{path}: expected an IDX file of unsigned bytes, came magic {content[:4].hex()}")
    start = 4 + 4 * content[3]
    shape = tuple(np.frombuffer(content[4:start], dtype=">u4").tolist()) if len(content) >= start else ()
    size = int(np.prod(shape, dtype=np.int64))
    if not shape or len(content) - start != size:
        raise InputError(
            f"{path}: expected {size} bytes for shape {shape}, came {max(len(content) - start, 0)}; "
            "the file was cut short or changed: fetch it again"
        )
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(shape)

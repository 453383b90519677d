"""Images that a column of a table names, through Pillow."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np

from graftwork.documents import short
from graftwork.errors import InputError
from graftwork.problem._arrays import Array
from graftwork.problem.files.limits import check_cells
from graftwork.problem.tables import Frame

_GREY = frozenset({"1", "L", "LA"})


def read_images(frame: Frame, column: str, folder: Path) -> Array:
    """The images of all rows, float32 (rows, channels, height, width) from 0 to 1.

    They are grey, of one channel, where all are; else red, green and blue. Transparency is left out.

    Raises:
        InputError: An image is missing, damaged, or of another size than the first; the message names its row
            and its file.
    """
    from PIL import Image

    paths = [
        _path(frame, column, folder, row, name) for row, name in enumerate(frame.column(column).tolist())
    ]
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", Image.DecompressionBombWarning
        )  # sizes are held against the limit below
        heads = [_head(frame, column, row, path) for row, path in enumerate(paths)]
        size = heads[0][0]
        for row, (found, _) in enumerate(heads):
            if found != size:
                raise InputError(
                    f"{frame.place(row, column)}: '{paths[row]}' is {found[0]} x {found[1]} pixels, "
                    "where the first image "
                    f"is {size[0]} x {size[1]}; bring all to one size"
                )
        mode = "L" if all(kind in _GREY for _, kind in heads) else "RGB"
        channels = 1 if mode == "L" else 3
        check_cells(folder, len(paths) * channels * size[0] * size[1])
        images = np.empty((len(paths), channels, size[1], size[0]), dtype=np.float32)
        for row, path in enumerate(paths):
            try:
                with Image.open(path) as image:
                    pixels = np.asarray(image.convert(mode), dtype=np.float32) / 255
            except Exception as error:  # decoders raise whatever they trip over
                raise _unreadable(frame, column, row, path, error) from None
            images[row] = pixels[None] if mode == "L" else pixels.transpose(2, 0, 1)
    return images


def _path(frame: Frame, column: str, folder: Path, row: int, name: object) -> Path:
    if not isinstance(name, str) or not name:
        raise InputError(f"{frame.place(row, column)} is {short(name)}; expected the name of an image file")
    return folder / name


def _head(frame: Frame, column: str, row: int, path: Path) -> tuple[tuple[int, int], str]:
    from PIL import Image

    try:
        with Image.open(path) as image:
            return image.size, image.mode
    except Exception as error:
        raise _unreadable(frame, column, row, path, error) from None


def _unreadable(frame: Frame, column: str, row: int, path: Path, error: Exception) -> InputError:
    return InputError(f"{frame.place(row, column)}: cannot read the image '{path}': {str(error)[:200]}")

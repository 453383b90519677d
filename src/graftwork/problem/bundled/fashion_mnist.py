"""Fashion-MNIST: 70,000 images of garments, 28 x 28; the data of the source paper."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import numpy.typing as npt

from graftwork.errors import InputError
from graftwork.problem._random import generator
from graftwork.problem.bundled._histogram import grey_histograms
from graftwork.problem.bundled._idx import read_idx
from graftwork.problem.outputs import Classification, Generation, Regression
from graftwork.problem.problem import Problem

FOLDER_VARIABLE = "GRAFTWORK_DATA"
_DEBIAN_FOLDER = Path("/usr/share/datasets/fashion-mnist")
_VALIDATION_ROWS = 10_000
_PARTS = {"train": 60_000, "t10k": 10_000}


def fashion_mnist() -> Problem:
    """Classify the garment, regress the 32-bin histogram of grey levels, generate garments.

    The official test rows are the test split; 10,000 validation rows, always the same, are drawn from the
    60,000 official training rows. Files are looked for in the folder that the environment variable
    GRAFTWORK_DATA names (there, or in its subfolder `fashion-mnist`), else where Debian's package
    `dataset-fashion-mnist` puts them.

    Raises:
        InputError: The files are not there or damaged; the message says how to get them.
    """
    folder = _folder()
    parts = [_read_part(folder, part, rows) for part, rows in _PARTS.items()]
    images = np.concatenate([part[0] for part in parts])[:, None].astype(np.float32) / np.float32(255)
    labels = np.concatenate([part[1] for part in parts])
    order = generator("split").permutation(_PARTS["train"])
    test = np.arange(_PARTS["train"], len(images))
    return Problem.from_split(
        "fashion-mnist",
        inputs={"image": images},
        outputs={
            "garment": (Classification(classes=10), labels),
            "histogram": (Regression(scale="shared"), grey_histograms(images, 32)),
            "sample": (Generation(), images),
        },
        rows={"train": order[_VALIDATION_ROWS:], "validation": order[:_VALIDATION_ROWS], "test": test},
    )


def _folder() -> Path:
    chosen = os.environ.get(FOLDER_VARIABLE)
    places = [Path(chosen), Path(chosen) / "fashion-mnist"] if chosen else [_DEBIAN_FOLDER]
    for place in places:
        if _find(place, "train-images-idx3-ubyte"):
            return place
    raise InputError(
        f"fashion-mnist: no IDX files in {' or '.join(map(str, places))}; on Debian or Ubuntu install them "
        "with `apt install dataset-fashion-mnist`, or put the four files train-images-idx3-ubyte.gz, "
        "train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte.gz (from "
        "https://github.com/zalandoresearch/fashion-mnist) in a folder and set "
        f"{FOLDER_VARIABLE} to its path"
    )


def _find(folder: Path, name: str) -> Path | None:
    return next((path for path in (folder / f"{name}.gz", folder / name) if path.is_file()), None)


def _read_part(folder: Path, part: str, rows: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    images = _read(folder, f"{part}-images-idx3-ubyte", (rows, 28, 28))
    return images, _read(folder, f"{part}-labels-idx1-ubyte", (rows,))


def _read(folder: Path, name: str, shape: tuple[int, ...]) -> npt.NDArray[np.uint8]:
    path = _find(folder, name)
    if path is None:
        raise InputError(f"fashion-mnist: {folder} has no {name}.gz; put it beside the other files")
    array = read_idx(path)
    if array.shape != shape:
        raise InputError(f"{path}: expected shape {shape}, came {array.shape}; is it Fashion-MNIST?")
    return array

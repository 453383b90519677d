"""scikit-learn's digits: 1,797 images of 8 x 8."""

from __future__ import annotations

import numpy as np

from graftwork.problem.bundled._histogram import grey_histograms
from graftwork.problem.outputs import Classification, Generation, Regression
from graftwork.problem.problem import Problem


def digits() -> Problem:
    """Classify the digit, regress the 16-bin histogram of grey levels, generate digits.

    The split 60/20/20 is stratified by the digit and always the same.
    """
    from sklearn.datasets import load_digits

    data = load_digits()
    images = (data.images / 16.0).astype(np.float32)[:, None]
    return Problem.from_arrays(
        "digits",
        inputs={"image": images},
        outputs={
            "digit": (Classification(classes=10), data.target),
            "histogram": (Regression(), grey_histograms(images, 16)),
            "sample": (Generation(), images),
        },
    )

"""scikit-learn's digits: 1,797 images of 8 x 8."""

from __future__ import annotations

import numpy as np

from graftwork.problem.bundled._histogram import grey_histograms
from graftwork.problem.outputs import Classification, Generation, Regression
from graftwork.problem.piecewise import piecewise_linear
from graftwork.problem.problem import Problem

_SEGMENTS = 8


def digits() -> Problem:
    """Classify the digit, regress the 16-bin histogram of grey levels, generate digits.

    Inputs are the `image`, and the same image as `levels`, a piecewise-linear code of eight segments a
    pixel, a channel each. The histogram counts pixels in narrow bands of grey, which dense networks hardly
    learn from a thousand rows of raw pixels; a search is free to feed each network by either.

    The split 60/20/20 is stratified by the digit and always the same.
    """
    from sklearn.datasets import load_digits

    data = load_digits()
    images = (data.images / 16.0).astype(np.float32)[:, None]
    return Problem.from_arrays(
        "digits",
        inputs={"image": images, "levels": piecewise_linear(images[:, 0], _SEGMENTS)},
        outputs={
            "digit": (Classification(classes=10), data.target),
            "histogram": (Regression(scale="shared"), grey_histograms(images, 16)),
            "sample": (Generation(), images),
        },
    )

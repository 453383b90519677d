"""Problems with every kind of input and output, of a table and of arrays."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from graftwork.problem import Categorical, Classification, Generation, Problem, Regression

ROWS = 400


def frame(rows: int = ROWS) -> dict[str, Any]:
    """Numbers with gaps and without, booleans, dates, few and many categories, rare ones, a heavy tail."""
    rng = np.random.default_rng(0)
    size = rng.normal(size=rows)
    return {
        "size": [None if row % 17 == 3 else float(value) for row, value in enumerate(size)],
        "town": [["ash", "elm", "oak"][row % 3] if row % 101 != 5 else f"t{row}" for row in range(rows)],
        "street": [f"street {row % 25}" if row % 7 else None for row in range(rows)],
        "lift": [bool(row % 2) for row in range(rows)],
        "built": (np.datetime64("2001-01-01T12") + np.arange(rows) * np.timedelta64(36, "h")),
        "rent": np.exp(2 * size + rng.normal(size=rows)),
        "width": 10 + size,
        "depth": 20 - 3 * size,
        "sold": np.where(size > 0, "yes", "no").tolist(),
    }


@cache
def table_problem() -> Problem:
    """Of `frame`: a class, a number of heavy tail, two numbers of one unit, and rows."""
    return Problem.from_frame(
        frame(),
        {
            "sold": Classification(balance="balanced"),
            "rent": Regression(transform="auto"),
            "extent": (Regression(scale="shared"), ["width", "depth"]),
            "flat": (Generation(), ["size", "town", "lift", "built", "rent"]),
        },
        name="flats",
    )


@cache
def array_problem(rows: int = 300) -> Problem:
    """Numbers, images and labels in; classes of integers and of booleans, numbers and images out."""
    rng = np.random.default_rng(1)
    hidden = rng.normal(size=(rows, 2))
    images = np.tanh(hidden @ rng.normal(size=(2, 192))).reshape(rows, 3, 8, 8) * 40 + 100
    return Problem.from_arrays(
        "mixed",
        inputs={
            "numbers": hidden @ rng.normal(size=(2, 5)) * [1, 10, 100, 1e-3, 1] + [0, 5, 2000, 0, 0],
            "picture": images.astype(np.float32),
            "site": (Categorical(), np.array(["north", "south", "west"])[rng.integers(3, size=rows)]),
        },
        outputs={
            "type": (Classification(), np.digitize(hidden[:, 0], [-0.4, 0.4]) + 3),
            "good": (Classification(), hidden[:, 1] > 0),
            "amount": (Regression(transform="signed_log"), np.exp(3 * hidden) - 1),
            "image": (Generation(), images),
        },
    )

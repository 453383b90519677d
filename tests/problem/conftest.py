"""A small problem of every kind of output, made of arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graftwork.problem import Classification, Generation, Problem, Regression


def arrays(seed: int = 0, rows: int = 120) -> dict[str, Any]:
    """Inputs and outputs of `Problem.from_arrays`; the targets depend on the inputs."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, 3)) * [1.0, 10.0, 100.0]
    y = np.stack([x[:, 0] * 5 + 2000, x[:, 1]], axis=1)
    species = np.where(x[:, 0] > 0.3, "dog", "cat")
    z = random.normal(size=(rows, 1, 1, 1))
    picture = z + 0.3 * random.normal(size=(rows, 1, 2, 3))
    return {
        "inputs": {"x": x, "picture": picture},
        "outputs": {
            "species": (Classification(), species),
            "amount": (Regression(), y),
            "sample": (Generation(), picture),
        },
    }


@pytest.fixture(scope="session")
def mixed() -> Problem:
    """A classification of two strings, a regression of two numbers and a generation of (1, 2, 3) arrays."""
    return Problem.from_arrays("mixed", **arrays())

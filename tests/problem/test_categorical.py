"""Categorical inputs at the door of a problem."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graftwork.errors import InputError
from graftwork.problem import Categorical, Problem, Regression


def problem(labels: Any) -> Problem:
    numbers = np.random.default_rng(0).normal(size=len(labels))
    return Problem.from_arrays(
        "birds", inputs={"species": (Categorical(), labels)}, outputs={"mass": (Regression(), numbers)}
    )


def test_codes_are_those_of_the_training_rows_alone() -> None:
    asked = problem(np.array(["a", "b"] * 20 + ["rare"], dtype=object))
    species = asked.inputs["species"]
    assert isinstance(species, Categorical)
    held = {"a", "b"} | ({"rare"} if int(asked.train.inputs["species"].max()) == 2 else set())
    assert species.categories == tuple(sorted(held))
    encoded = asked.encode_inputs({"species": np.array(["b", "never", "a"])})["species"]
    assert encoded.tolist() == [[1.0], [-1.0], [0.0]]


def test_integers_are_labels_and_missing_ones_are_unknown() -> None:
    encoded = problem([7, 3, 7, 3, None] * 10).encode_inputs({"species": [3, 7, -1, None, 4]})["species"]
    assert encoded.flatten().tolist() == [0.0, 1.0, -1.0, -1.0, -1.0]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (["a"] * 30, "input 'species': expected two categories or more in the training rows, came 1"),
        (np.linspace(0, 1, 30), "input 'species': expected integers or strings"),
        ([["a", "b"]] * 30, "input 'species': expected one label a row"),
    ],
)
def test_what_is_no_category_is_refused(labels: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        problem(labels)

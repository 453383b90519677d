"""Single-task networks, what a searched model is held against."""

from __future__ import annotations

import numpy as np
from tests.search.samples import QUICK

from graftwork.problem import Categorical, Classification, Problem, Regression
from graftwork.search import single_task_networks


def test_they_read_categories_and_numbers_alike() -> None:
    rng = np.random.default_rng(0)
    species, size = rng.choice(["a", "b", "c"], size=240), rng.normal(size=240)
    mass = size + np.select([species == "a", species == "b"], [2.0, -2.0])
    problem = Problem.from_arrays(
        "birds",
        inputs={"species": (Categorical(), species), "size": size},
        outputs={"mass": (Regression(), mass), "heavy": (Classification(), (mass > 0).astype(int))},
    )
    single = single_task_networks(problem, parameters=4000, settings=QUICK, seed=0)
    assert sorted(single.scores) == ["heavy", "mass"]
    assert 2000 < single.parameters <= 4000

"""Single-task networks, what a searched model is held against."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from tests.search.samples import QUICK

from graftwork.problem import Categorical, Classification, Problem, Regression
from graftwork.search import single_task_networks
from graftwork.training import Static, TrainingOptions


def test_they_read_categories_and_numbers_alike() -> None:
    rng = np.random.default_rng(0)
    species, size = rng.choice(["a", "b", "c"], size=240), rng.normal(size=240)
    mass = size + np.select([species == "a", species == "b"], [2.0, -2.0])
    problem = Problem.from_arrays(
        "birds",
        inputs={"species": (Categorical(), species), "size": size},
        outputs={"mass": (Regression(), mass), "heavy": (Classification(), (mass > 0).astype(int))},
    )
    # The searched model may have been balanced by the names of both outputs.
    settings = replace(QUICK, options=TrainingOptions(balancer=Static({"mass": 2.0, "heavy": 1.0})))
    single = single_task_networks(problem, parameters=4000, settings=settings, seed=0)
    assert sorted(single.scores) == ["heavy", "mass"]
    assert 2000 < single.parameters <= 4000

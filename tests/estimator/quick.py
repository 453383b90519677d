"""An estimator that is fitted in a moment."""

from __future__ import annotations

from typing import Any

from graftwork import GraftworkEstimator, SearchSettings, SearchSpace, TrainingOptions

SETTINGS = SearchSettings(
    space=SearchSpace.modern(max_networks=3, hidden_layers=(0, 1)),
    initial=1,
    initial_steps=1,
    steps=1,
    finalists=1,
    finish_steps=300,
    finish_learning_rate=1e-2,
    options=TrainingOptions(patience=3),
)


def quick(**options: Any) -> GraftworkEstimator:
    """One random candidate, trained for three hundred steps at most."""
    told = {"evaluations": 1, "policy": "random", "settings": SETTINGS, "random_state": 0}
    return GraftworkEstimator(**(told | options))

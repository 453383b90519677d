"""What cannot be fitted to is refused by a ValueError that names it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError

import graftwork as gw
from tests.estimator.data import features, sides, sums
from tests.estimator.quick import quick

X = features()
Y = {"side": sides(X), "sum": sums(X)}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"outputs": {"sid": "classification"}}, "no target 'sid'; the targets are 'side', 'sum'"),
        ({"outputs": {"side": "class"}}, "outputs, 'side': expected 'classification'"),
        ({"outputs": {"sum": gw.Generation()}}, "generate=True generates rows"),
        ({"outputs": "regression"}, "'side'"),
        ({"outputs": "classification"}, "Unknown label type: continuous"),
        ({"space": "huge"}, "space: expected modern, paper or a SearchSpace, came 'huge'"),
        ({"random_state": -1}, "random_state: expected a whole number of 0 or more"),
        ({"random_state": "seven"}, "random_state"),
        ({"fractions": (0.5, 0.5)}, "fractions"),
        ({"evaluations": None}, "budget"),
        ({"policy": "clever"}, "clever"),
        ({"kinds": {"x9": "number"}}, "unknown column 'x9'"),
    ],
)
def test_parameters(options: dict[str, Any], message: str) -> None:
    with (
        pytest.raises(gw.InputError, match=message)
        if "Unknown" not in message
        else pytest.raises(ValueError, match=message)
    ):
        quick(**options).fit(X, Y)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (None, "requires y"),
        ({}, "expected one target or more"),
        ({3: sums(X)}, "expected names of text"),
        ({"side": np.full(160, "left")}, "'side': expected two classes or more, came"),
        ({"sum": np.full(160, np.nan)}, "'sum'"),
        ({"sum": np.where(X[:, 0] > 2, np.inf, sums(X))}, "sum contains infinity"),
        (sums(X)[:-1], "inconsistent numbers of samples"),
        ({"side": sides(X), "sum": sums(X)[:-1]}, "inconsistent numbers of samples"),
        (np.zeros((160, 2, 2)), "dim <= 2"),
        ({"a b": sides(X), "a_b": sides(X)}, "would both be named 'a_b'"),
    ],
)
def test_targets(y: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        quick().fit(X, y)


def test_features() -> None:
    doubled = pd.DataFrame(X, columns=["a", "b", "a"])
    with pytest.raises(ValueError, match=r"'a'.* 2 times"):
        quick().fit(doubled, sides(X))
    with pytest.raises(ValueError, match="infinity"):
        quick().fit(np.where(X > 2, np.inf, X), sides(X))
    with pytest.raises(ValueError, match="minimum of 10"):
        quick().fit(X[:9], sides(X)[:9])
    with pytest.raises(ValueError, match="9 rows; expected 10 or more"):
        quick().fit(pd.DataFrame(X[:9], columns=["a", "b", "c"]), sides(X)[:9])


def test_other_targets_when_scored() -> None:
    estimator = quick().fit(X, Y)
    with pytest.raises(ValueError, match="expected the targets fitted to, 'sum' among them; came 'side'"):
        estimator.score(X, {"side": sides(X)})
    with pytest.raises(ValueError, match="inconsistent"):
        estimator.score(X[:-1], Y)


def test_asked_before_it_is_fitted() -> None:
    for ask in (quick().predict, quick().predict_proba):
        with pytest.raises(NotFittedError):
            ask(X)
    with pytest.raises(NotFittedError):
        quick(generate=True).sample(3)


def test_another_split_is_drawn_where_one_leaves_nothing_to_judge() -> None:
    rare = np.zeros((30, 3), dtype=int)
    rare[:3, 1] = 1  # a second target that few rows of a split tell apart
    rare[::2, 0] = 1
    rare[::3, 2] = 1
    for seed in (0, 1, 3, 4):
        assert quick(random_state=seed).fit(X[:30], rare).predict(X).shape == (160, 3)
    rare[1:, 1] = 0
    with pytest.raises(ValueError, match="two classes or more"):
        quick().fit(X[:30], rare)

"""Targets of every kind and form come back in the form that they went in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.metrics import accuracy_score, r2_score

import graftwork as gw
from tests.estimator.data import features, sides, sums
from tests.estimator.quick import quick

X = features()
NEW = features(200)[160:]


def test_text_comes_back_as_text_with_probabilities_in_the_order_of_classes() -> None:
    estimator = quick().fit(X, sides(X))
    answers, shares = estimator.predict(NEW), estimator.predict_proba(NEW)
    assert estimator.classes_.tolist() == ["left", "right"]
    assert np.array_equal(answers, estimator.classes_[shares.argmax(axis=1)])
    assert np.allclose(shares.sum(axis=1), 1)
    assert estimator.score(NEW, sides(NEW)) == accuracy_score(sides(NEW), answers) > 0.8


def test_numbers_come_back_in_their_own_units() -> None:
    estimator = quick().fit(X, sums(X))
    answers = estimator.predict(NEW)
    assert estimator.score(NEW, sums(NEW)) == r2_score(sums(NEW), answers) > 0.8
    assert abs(answers.mean() - 5_000) < 1_000
    assert not hasattr(estimator, "predict_proba")
    assert not hasattr(estimator, "classes_")


def test_several_of_text_and_numbers_in_an_array_are_objects() -> None:
    y = np.stack([sides(X).astype(object), sums(X).astype(object)], axis=1)
    estimator = quick().fit(X, y)
    answers = estimator.predict(NEW)
    assert answers.shape == (len(NEW), 2)
    assert answers.dtype == object
    assert set(answers[:, 0]) == {"left", "right"}
    assert r2_score(sums(NEW), answers[:, 1].astype(float)) > 0.5
    assert [shares.shape for shares in estimator.predict_proba(NEW)] == [(len(NEW), 2)]
    assert [classes.tolist() for classes in estimator.classes_] == [["left", "right"]]


def test_a_frame_comes_back_as_a_frame_with_the_index_of_the_features() -> None:
    y = pd.DataFrame(
        {"side of it": sides(X), "x0": sums(X)}
    )  # a name that is no identifier, one that is taken
    estimator = quick().fit(X, y)
    answers = estimator.predict(pd.DataFrame(NEW, index=range(7, 7 + len(NEW)), columns=[0, 1, 2]))
    assert answers.columns.tolist() == ["side of it", "x0"]
    assert answers.index[0] == 7
    assert accuracy_score(sides(NEW), answers["side of it"]) > 0.7
    assert list(estimator.predict_proba(NEW)) == list(estimator.classes_) == ["side of it"]


def test_a_frame_of_polars_comes_back_as_such() -> None:
    y = pl.DataFrame({"side": sides(X), "sum": sums(X)})
    X_ = pl.DataFrame(X, schema=["a", "b", "c"])
    answers = quick().fit(X_, y).predict(X_)
    assert isinstance(answers, pl.DataFrame)
    assert answers.columns == ["side", "sum"]


def test_a_dict_may_hold_a_vector() -> None:
    pair = np.stack([sums(X), -sums(X)], axis=1)
    estimator = quick().fit(X, {"side": sides(X), "pair": pair})
    answers = estimator.predict(NEW)
    assert answers["pair"].shape == (len(NEW), 2)
    assert estimator.problem_.outputs["pair"].width == 2
    assert set(
        estimator.skills(NEW, {"side": sides(NEW), "pair": np.stack([sums(NEW), -sums(NEW)], axis=1)})
    ) == {
        "side",
        "pair",
    }


@pytest.mark.parametrize(
    ("labels", "dtype"),
    [
        (np.array([True, False]), "bool"),
        (np.array([-1, 3]), "int64"),
        (np.array([2, 10]), "int64"),  # whose texts sort otherwise
        (np.array([0.0, 2.0]), "float64"),
        (np.array(["a  b", "a b"]), "<U4"),  # which texts of a table could not tell apart
    ],
)
def test_labels_keep_their_type(labels: Any, dtype: str) -> None:
    y = np.take(labels, (X[:, 0] > 0).astype(int))
    estimator = quick().fit(X, y)
    assert estimator.predict(NEW).dtype == dtype
    assert estimator.score(X, y) > 0.8


@pytest.mark.parametrize(
    ("y", "kind"),
    [
        (np.arange(160) % 20, "classification"),
        (np.arange(160) % 21, "regression"),
        ((np.arange(160) % 20).astype(float), "classification"),
        (np.arange(160) % 20 + 0.5, "regression"),
        (pd.Series(np.arange(160) % 2 == 0), "classification"),
        (pd.Series(np.arange(160) % 3).astype("Int64").mask(X[:, 0] > 1), "classification"),
        (pd.Series(np.take(["a", "b"], np.arange(160) % 2)).astype("category"), "classification"),
        ([None, *(["a", "b"] * 79), "a"], "classification"),
        ([None, *([0.5, 1.25] * 79), 3], "regression"),
    ],
)
def test_what_is_not_told_is_guessed(y: Any, kind: str) -> None:
    estimator = quick(evaluations=1).fit(X, y)
    assert [output.kind for output in estimator.problem_.outputs.values()] == [kind]


def test_what_is_told_is_not_guessed() -> None:
    y = pd.DataFrame({"count": np.arange(160) % 4, "price": np.exp(sums(X) / 1_000)})
    estimator = quick(outputs={"count": "regression", "price": gw.Regression(transform="signed_log")}).fit(
        X, y
    )
    outputs = estimator.problem_.outputs
    assert [output.kind for output in outputs.values()] == ["regression", "regression"]
    assert outputs["price"].curve is not None
    assert estimator.predict(NEW)["price"].min() > -100


def test_a_missing_target_counts_for_its_output_alone() -> None:
    y = pd.DataFrame({"side": sides(X).astype(object), "sum": sums(X)})
    y.loc[:40, "side"] = None
    y.loc[30:60, "sum"] = np.nan
    estimator = quick().fit(X, y)
    splits = [estimator.problem_.split(name) for name in ("train", "validation", "test")]
    assert sum(int((split.targets["side"] < 0).sum()) for split in splits) == 41
    assert sum(int(split.targets["sum"].isnan().sum()) for split in splits) == 31
    known = y.notna().to_numpy()
    full = {"side": sides(X)[known[:, 0]], "sum": sums(X)[known[:, 1]]}
    told = estimator.skills(X, y)
    for name, place in (("side", 0), ("sum", 1)):
        other = pd.DataFrame({"side": sides(X), "sum": sums(X)})[known[:, place]]
        assert told[name] == pytest.approx(estimator.skills(X[known[:, place]], other)[name])
        assert len(full[name]) == known[:, place].sum()
    assert np.isfinite(estimator.score(X, y))


def test_skills_and_score_are_what_they_say() -> None:
    y = pd.DataFrame({"side": np.where(X[:, 0] > -0.3, "right", "left"), "sum": sums(X)})
    estimator = quick().fit(X, y)
    answers, told = estimator.predict(X), estimator.skills(X, y)
    wrong = (answers["side"] != y["side"]).mean()
    mean = estimator.problem_.outputs["sum"].standardiser.centre[0]
    squares = ((answers["sum"] - y["sum"]) ** 2).mean() / ((mean - y["sum"]) ** 2).mean()
    assert told["side"] == pytest.approx(1 - wrong / (y["side"] != "right").mean())
    assert told["sum"] == pytest.approx(1 - squares, abs=1e-5)
    assert estimator.score(X, y) == pytest.approx(np.mean(list(told.values())))


def test_a_skill_that_is_not_defined_is_said_and_left_out_of_the_score() -> None:
    y = pd.DataFrame({"side": np.where(X[:, 0] > -0.3, "right", "left"), "sum": sums(X)})
    estimator = quick().fit(X, y)
    right = y["side"] == "right"
    with pytest.warns(UserWarning, match="'side': the trivial answer makes no error"):
        told = estimator.skills(X[right], y[right])
    assert np.isnan(told["side"])
    with pytest.warns(UserWarning, match="trivial"):
        assert estimator.score(X[right], y[right]) == pytest.approx(told["sum"])


def test_rows_without_a_target_do_not_count_in_the_score_of_one() -> None:
    for y, nothing in ((sides(X).astype(object), None), (sums(X), np.nan)):
        gappy = y.copy()
        gappy[:50] = nothing
        estimator = quick().fit(X, y)
        assert estimator.score(X, gappy) == pytest.approx(estimator.score(X[50:], y[50:]))


def test_a_label_that_was_not_fitted_to_is_a_mistake_when_scored() -> None:
    estimator = quick().fit(X, sides(X))
    assert estimator.score(NEW, np.full(len(NEW), "nowhere")) == 0.0

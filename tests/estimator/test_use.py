"""Within scikit-learn's tools; seeds; rows that are generated."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.utils import get_tags

import graftwork as gw
from tests.estimator.data import features, sides, sums, table
from tests.estimator.quick import quick

X = features()
BOTH = pd.DataFrame({"side": sides(X), "sum": sums(X)})


def test_cross_validation_of_one_target_and_of_two() -> None:
    assert cross_val_score(quick(outputs="classification"), X, sides(X), cv=3).mean() > 0.8
    assert cross_val_score(quick(), X, BOTH, cv=3).mean() > 0.5


def test_scorers_that_want_probabilities() -> None:
    estimator = quick(outputs="classification")
    assert cross_val_score(estimator, X, sides(X), cv=2, scoring="roc_auc").min() > 0.8
    guessed = quick().fit(X, sides(X))  # a classifier once it is fitted
    assert get_tags(guessed).estimator_type == "classifier"
    assert roc_auc_score(sides(X), guessed.predict_proba(X)[:, 1]) > 0.8


def test_a_grid_over_its_parameters() -> None:
    grid = {
        "space": ["paper", gw.SearchSpace.modern(max_networks=3, hidden_layers=(0, 1))],
        "evaluations": [1, 2],
    }
    found = GridSearchCV(quick(outputs="regression"), grid, cv=2).fit(X, sums(X))
    assert len(found.cv_results_["params"]) == 4
    assert found.best_score_ > 0.5
    assert found.best_estimator_.problem_.outputs["y"].kind == "regression"


def test_pipelines_before_it() -> None:
    pipeline = make_pipeline(StandardScaler(), quick()).fit(X, BOTH)
    assert pipeline.predict(X).columns.tolist() == ["side", "sum"]
    frame = table()
    encoder = make_column_transformer((OneHotEncoder(), ["town"]), remainder="drop", sparse_threshold=0)
    y = (frame["town"] == "Aston").to_numpy()
    assert make_pipeline(encoder, quick()).fit(frame, y).score(frame, y) > 0.9


def test_a_clone_has_the_parameters_and_nothing_that_was_learnt() -> None:
    fitted = quick(outputs={"side": "classification"}).fit(X, BOTH)
    copy = clone(fitted)
    assert repr(copy.get_params()) == repr(fitted.get_params())
    assert not hasattr(copy, "model_")
    assert copy.set_params(evaluations=3).evaluations == 3


@pytest.mark.parametrize(
    ("outputs", "kind"),
    [
        (None, None),
        ("classification", "classifier"),
        ({"a": "regression", "b": gw.Regression()}, "regressor"),
        ({"a": "regression", "b": "classification"}, None),
    ],
)
def test_tags_say_what_is_known(outputs: object, kind: str | None) -> None:
    tags = get_tags(quick(outputs=outputs))
    assert tags.estimator_type == kind
    assert tags.target_tags.multi_output
    assert hasattr(quick(outputs=outputs), "predict_proba") == (kind != "regressor")


def test_the_same_seed_gives_the_same_and_another_does_not() -> None:
    first, second, other = (quick(random_state=seed).fit(X, BOTH) for seed in (3, np.int64(3), 4))
    assert first.predict(X).equals(second.predict(X))
    assert first.result_.best.scores == second.result_.best.scores
    assert not first.predict(X).equals(other.predict(X))


def test_without_a_seed_one_is_drawn_that_gives_the_same_again() -> None:
    first, second = (quick(random_state=None).fit(X, BOTH) for _ in range(2))
    assert first.seed_ != second.seed_
    assert quick(random_state=first.seed_).fit(X, BOTH).predict(X).equals(first.predict(X))
    generators = [np.random.default_rng(5) for _ in range(2)]
    assert len({quick(random_state=each).fit(X, BOTH).seed_ for each in generators}) == 1


def test_the_number_of_workers_does_not_matter() -> None:
    one, two = (quick(evaluations=2, workers=workers).fit(X, BOTH) for workers in (1, 2))
    assert one.predict(X).equals(two.predict(X))


def test_rows_of_features_and_targets_in_their_own_form() -> None:
    frame = table()
    y = pd.DataFrame({"side": np.where(frame["lift"], 7, -1), "sum": frame["size"].fillna(50) * 2})
    estimator = quick(generate=True).fit(frame, y)
    rows = estimator.sample(30, random_state=1)
    assert rows.columns.tolist() == [*frame.columns, "side", "sum"]
    assert set(rows["side"]) <= {7, -1}
    assert set(rows["town"]) <= {"Aston", "Barrow"}
    assert rows["lift"].dtype == bool
    assert rows.equals(estimator.sample(30, random_state=1))
    assert not rows.equals(estimator.sample(30, random_state=2))
    assert "row" in estimator.scores_
    assert "row" not in estimator.skills(frame, y)


def test_without_generate_there_is_no_sample() -> None:
    assert not hasattr(quick(), "sample")
    assert hasattr(quick(generate=True), "sample")


def test_scores_are_those_of_the_test_rows_held_back() -> None:
    estimator = quick(fractions=(0.5, 0.2, 0.3)).fit(X, BOTH)
    expected = gw.evaluate(estimator.model_, estimator.problem_, split="test", metrics="all")
    assert estimator.scores_ == expected
    assert estimator.problem_.test.rows == pytest.approx(48, abs=2)


def test_the_run_can_be_kept(tmp_path: object) -> None:
    estimator = quick(out=f"{tmp_path}/run").fit(X, BOTH)
    kept = gw.load_search(f"{tmp_path}/run")
    assert kept.best.scores == estimator.result_.best.scores

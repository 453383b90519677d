"""Features: arrays of numbers, frames of anything."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.estimator.data import features, sides, sums, table
from tests.estimator.quick import quick

X = features()


def test_columns_of_every_kind_with_gaps() -> None:
    frame = table()
    y = np.where(frame["lift"], "yes", "no")
    estimator = quick(random_state=1).fit(frame, y)
    assert set(estimator.problem_.table.kinds.values()) == {"number", "category", "boolean", "date"}
    assert estimator.feature_names_in_.tolist() == frame.columns.tolist()
    new = frame.head(5).assign(town="a town that no row holds")
    assert estimator.predict(new).shape == (5,)
    assert estimator.score(frame, y) > 0.9


def test_gaps_in_an_array() -> None:
    gappy = X.copy()
    gappy[::7, 1] = np.nan
    estimator = quick().fit(gappy, sides(X))
    assert np.isfinite(estimator.predict_proba(gappy)).all()


def test_kinds_can_be_told() -> None:
    frame = pd.DataFrame({"code": np.arange(160) % 4, "size": X[:, 0]})
    estimator = quick(kinds={"code": "category"}).fit(frame, sides(X))
    assert estimator.problem_.table.kinds["code"] == "category"


def test_a_column_that_is_left_out_of_a_frame_is_said() -> None:
    frame = pd.DataFrame({"id": np.arange(160), "size": X[:, 0]})
    with pytest.warns(UserWarning, match="'id' numbers the rows: left out"):
        estimator = quick().fit(frame, sides(X))
    assert estimator.predict(frame).shape == (160,)


def test_an_array_that_counts_is_a_number() -> None:
    counts = np.arange(160)[:, None]
    y = np.where(counts[:, 0] > 70, "late", "early")
    assert quick().fit(counts, y).score(counts, y) > 0.9


def test_a_copy_of_the_target_is_said_of_an_array_and_refused_of_a_frame() -> None:
    with pytest.warns(UserWarning, match="'x1' holds the same values as the target 'y'"):
        quick().fit(X, X[:, 1])
    with pytest.raises(ValueError, match="'b' holds the same values as the target 'y'"):
        quick().fit(pd.DataFrame(X, columns=["a", "b", "c"]), X[:, 1])


def test_columns_of_another_name_or_order_are_refused() -> None:
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    estimator = quick().fit(frame, sums(X))
    with pytest.raises(ValueError, match="same order"):
        estimator.predict(frame[["b", "a", "c"]])
    with pytest.raises(ValueError, match="eature names unseen"):
        estimator.predict(frame.rename(columns={"a": "d"}))


def test_answers_do_not_depend_on_the_rows_beside() -> None:
    estimator = quick().fit(X, sums(X))
    alone = np.concatenate([estimator.predict(X[[row]]) for row in range(20)])
    assert np.allclose(alone, estimator.predict(X)[:20], rtol=1e-12, atol=0)

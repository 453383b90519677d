"""Metrics of regressions in the target's own units."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from graftwork.problem import Problem, Regression, further_metrics
from graftwork.problem.metrics.regression import regression_metrics
from graftwork.problem.signed_log import SignedLog

ALL = frozenset({"mse_own_units", "rmse", "mae", "r2"})


def measured(output: Regression, told: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    return regression_metrics(output, output.encode(told), output.encode(truth), ALL)


def test_errors_are_in_the_unit_of_the_target() -> None:
    truth = np.array([1000.0, 2000.0, 3000.0, 4000.0])
    found = measured(Regression().fitted(truth), truth + np.array([100.0, -100.0, 100.0, 300.0]), truth)
    assert found["mae"] == pytest.approx(150, rel=1e-4)
    assert found["rmse"] == pytest.approx(np.sqrt(30000), rel=1e-4)
    assert found["mse_own_units"] == pytest.approx(30000, rel=1e-4)
    assert found["r2"] == pytest.approx(1 - 120_000 / 5_000_000, rel=1e-4)


def test_a_transform_is_undone() -> None:
    truth = np.exp(np.random.default_rng(0).normal(size=200) * 2)
    output = Regression(transform="signed_log").fitted(truth)
    found = measured(output, truth * 1.5, truth)
    assert found["mae"] == pytest.approx(np.mean(0.5 * truth), rel=1e-3)
    assert output.errors(output.encode(truth * 1.5), output.encode(truth))["mse"] < 0.2


def test_columns_of_their_own_units_have_figures_of_their_own() -> None:
    truth = np.stack([np.arange(10.0), 1000 * np.arange(10.0) % 7], axis=1)
    found = measured(Regression().fitted(truth), truth + np.array([1.0, 50.0]), truth)
    assert (found["mae:0"], found["mae:1"]) == pytest.approx((1.0, 50.0), rel=1e-3)
    assert "mae" not in found
    assert found["r2"] == pytest.approx((found["r2:0"] + found["r2:1"]) / 2)


def test_columns_of_a_table_are_called_by_their_names() -> None:
    random = np.random.default_rng(0)
    frame = {name: random.normal(size=60) for name in ("x", "length", "width of it")}
    problem = Problem.from_frame(frame, {"bill": (Regression(), ["length", "width of it"])})
    target = problem.test.targets["bill"]
    assert list(further_metrics(problem, "bill", target, "test", ALL)) == [
        *("mse_own_units:length", "mse_own_units:width of it"),
        *("rmse:length", "rmse:width of it", "mae:length", "mae:width of it"),
        *("r2", "r2:length", "r2:width of it"),
    ]


def test_columns_of_one_unit_share_a_figure() -> None:
    random = np.random.default_rng(0)
    truth = random.normal(size=(50, 20)) * np.linspace(0.1, 2, 20)
    told = truth + random.normal(size=truth.shape)
    found = measured(Regression(scale="shared").fitted(truth), told, truth)
    assert set(found) == ALL
    assert found["mae"] == pytest.approx(np.abs(told - truth).mean(), rel=1e-4)
    explained = 1 - np.square(told - truth).sum() / np.square(truth - truth.mean(axis=0)).sum()
    assert found["r2"] == pytest.approx(explained, rel=1e-4)


def test_of_many_columns_with_own_units_there_is_the_mean_of_r2_alone() -> None:
    truth = np.random.default_rng(0).normal(size=(30, 13))
    assert measured(Regression().fitted(truth), truth, truth) == {"r2": pytest.approx(1.0)}


def test_the_mean_of_the_rows_explains_nothing_and_worse_is_below() -> None:
    truth = np.arange(20.0)
    output = Regression().fitted(truth)
    assert measured(output, np.full(20, truth.mean()), truth)["r2"] == pytest.approx(0, abs=1e-6)
    assert measured(output, np.full(20, 100.0), truth)["r2"] < -1


def test_r2_is_absent_where_a_split_holds_one_value() -> None:
    output = Regression().fitted(np.array([[0.0, 0.0], [1.0, 1.0]]))
    truth = np.array([[3.0, 1.0], [3.0, 2.0], [3.0, 5.0]])
    found = measured(output, truth + 1, truth)
    assert "r2:0" not in found
    assert found["r2"] == found["r2:1"]
    one = Regression().fitted(np.array([0.0, 1.0]))
    assert set(measured(one, np.array([1.0]), np.array([2.0]))) == ALL - {"r2"}


def test_missing_rows_count_nowhere() -> None:
    truth, told = np.arange(10.0), np.arange(10.0) ** 1.1
    output = Regression().fitted(truth)
    masked = measured(output, np.append(told, 1e6), np.append(truth, np.nan))
    assert masked == measured(output, told, truth)
    assert measured(output, np.array([1.0]), np.array([np.nan])) == {}


def test_what_is_beyond_all_numbers_is_absent() -> None:
    random = np.random.default_rng(0)
    heavy = (Regression(transform="signed_log"), np.exp(random.normal(size=60)))
    problem = Problem.from_arrays("heavy", inputs={"x": np.arange(60.0)}, outputs={"y": heavy})
    far = torch.full_like(problem.test.targets["y"], 1e4)
    found = further_metrics(problem, "y", far, "test", ALL)
    assert set(found) == {"mae", "mse_own_units", "r2", "rmse"}
    assert np.isfinite([*found.values()]).all()
    # As outputs are that were kept before a signed log had limits.
    output = problem.outputs["y"]
    assert isinstance(output, Regression)
    assert output.curve
    unlimited = replace(output, curve=SignedLog(output.curve.scales))
    found = further_metrics(replace(problem, outputs={"y": unlimited}), "y", far, "test", ALL)
    assert set(found) == {"mae"}
    assert np.isfinite(found["mae"])

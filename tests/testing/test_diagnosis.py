"""`python -m graftwork.testing diagnosis`: what is planted, how it is judged, and what it prints."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from graftwork.diagnosis import Diagnosis, Finding
from graftwork.testing.__main__ import app
from graftwork.testing.diagnosis.areas import area, areas
from graftwork.testing.diagnosis.check import Truth, check_diagnosis
from graftwork.testing.diagnosis.deletions import (
    Deletion,
    correlations,
    costly_areas,
    repeatability,
    spearman,
)
from graftwork.testing.diagnosis.planted import Planted
from graftwork.testing.diagnosis.plants import PLANTS

FOUND_BY = {
    "noise": "relevance_permutation",
    "copy": "redundancy",
    "irrelevant": "relevance_mean",
    "bottleneck": "effective_rank",
    "dead": "dead_units",
    "conflict": "gradient_conflict",
    "shuffled": "relevance_permutation",
}


@pytest.fixture(scope="module")
def truth() -> Truth:
    return check_diagnosis(models=3, deletions=4, seed=5)


@pytest.mark.parametrize("kind", PLANTS)
def test_what_was_planted_is_found_by_the_metric_that_should(kind: str, truth: Truth) -> None:
    assert truth.auc[kind][FOUND_BY[kind]] >= 0.85


@pytest.mark.parametrize("kind", PLANTS)
def test_the_same_seed_plants_the_same(kind: str) -> None:
    first, second = PLANTS[kind](3), PLANTS[kind](3)
    assert first.parts == second.parts
    for name, value in first.model.state_dict().items():
        assert torch.equal(value, second.model.state_dict()[name])


@pytest.mark.parametrize("kind", PLANTS)
def test_planted_parts_and_others_are_networks_of_the_model(kind: str) -> None:
    planted = PLANTS[kind](4)
    assert not set(planted.parts) & set(planted.others)
    assert {*planted.parts, *planted.others} <= planted.model.architecture.network_names
    assert set(planted.outputs) <= set(planted.problem.outputs)


def test_the_area_is_the_share_of_pairs_in_order() -> None:
    assert area(np.array([3.0, 1.0, 2.0]), 1) == 1.0
    assert area(np.array([0.0, 1.0, 2.0]), 1) == 0.0
    assert area(np.array([1.0, 1.0, 1.0]), 2) == 0.5
    assert area(np.array([3.0, 1.0, 2.0, 0.0]), 2) == 0.75


def test_areas_follow_the_direction_and_the_outputs_of_interest() -> None:
    whole = PLANTS["noise"](0)
    planted = Planted(
        model=whole.model, problem=whole.problem, parts=("n5",), others=("n0",), outputs=("size",)
    )
    found = Diagnosis(
        (
            Finding("n5", "size", "relevance_mean", 0.1),
            Finding("n5", "other", "relevance_mean", 9.0),
            Finding("n0", "size", "relevance_mean", 0.2),
            Finding("n5", None, "redundancy", 0.1),
            Finding("n0", None, "redundancy", 0.2),
            Finding("n5", None, "depth", 1.0),
            Finding("n0", None, "depth", 2.0),
            Finding("n5", "size", "gradient_conflict", 1.0),
            Finding("n0", "size", "gradient_conflict", 0.0),
        )
    )
    assert areas(planted, found) == {"relevance_mean": 1.0, "redundancy": 0.0}


def test_correlations_are_between_figures_and_costs() -> None:
    rng = np.random.default_rng(0)
    deletions = [
        Deletion(number // 4, "n0", "a", (cost, cost), 1.0, {"good": cost * 2, "bad": -cost, "constant": 1.0})
        for number, cost in enumerate(rng.normal(size=40).tolist())
    ]
    found = correlations(deletions, seed=0)
    assert found["good"] == {"spearman": 1.0, "low": 1.0, "high": 1.0}
    assert found["bad"]["spearman"] == -1.0
    assert found["constant"]["spearman"] is None
    assert repeatability(deletions) == 1.0
    assert costly_areas(deletions) == {"good": 1.0, "bad": 0.0, "constant": 0.5}
    assert costly_areas(deletions[:0]) == {}
    assert correlations([], seed=0) == {}
    assert repeatability([]) is None


def test_spearman_is_scipys() -> None:
    from scipy.stats import spearmanr

    rng = np.random.default_rng(1)
    first, second = rng.integers(0, 5, size=(2, 30)).astype(float)
    assert spearman(first, second) == pytest.approx(spearmanr(first, second).statistic)


@pytest.fixture(scope="module")
def payload(truth: Truth) -> dict[str, Any]:
    return truth.payload()


def test_deletions_are_as_many_as_asked_for(truth: Truth, payload: dict[str, Any]) -> None:
    assert len({(each.model, each.network) for each in truth.deletions}) == 4
    assert all(np.isfinite(each.costs).all() and len(each.costs) == 2 for each in truth.deletions)
    assert any(each.costs[0] != each.costs[1] for each in truth.deletions)
    deleted = payload["deletions"]
    assert deleted["networks"] == 4
    assert set(deleted["metrics"]) >= {"relevance_mean", "saliency_fisher", "probe_skill", "redundancy"}


def test_the_payload_names_the_best_of_every_kind(payload: dict[str, Any]) -> None:
    assert set(payload["best_auc"]) == set(PLANTS)
    for kind, best in payload["best_auc"].items():
        assert best == max(payload["auc"][kind].values())


def test_a_kind_that_nothing_finds_is_missed() -> None:
    kept = {"noise": {"good": [1.0, 0.95]}, "copy": {"poor": [0.5, 0.9], "worse": [0.1, 0.1]}}
    assert Truth(2, 0, kept, [], 0).missed == ("copy",)


def test_the_command_prints_one_json_object() -> None:
    arguments = ["diagnosis", "--models", "1", "--deletions", "1", "--seed", "2", "--json"]
    result = CliRunner().invoke(app, arguments)
    payload = json.loads(result.stdout)
    assert (payload["seed"], payload["models"]) == (2, 1)
    assert result.exit_code == (1 if min(payload["best_auc"].values()) < 0.95 else 0)


def test_the_command_prints_tables() -> None:
    result = CliRunner().invoke(app, ["diagnosis", "--models", "1", "--deletions", "0"])
    for word in ("relevance_permutation", "bottleneck", "conflict: gradient_conflict finds it"):
        assert word in result.stdout

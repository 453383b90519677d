"""Metrics of generated samples, against their definitions and planted cases."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import wasserstein_distance
from tests.problem.metrics.planted import SEEDS, figures
from torch import Tensor

from graftwork.problem.metrics.generation import equal_samples, generation_metrics, sliced_wasserstein

ALL = frozenset({"mmd", "sliced_wasserstein", "precision", "recall", "density", "coverage"})


def rows(count: int, width: int, seed: int) -> Tensor:
    return torch.randn(count, width, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def by_hand(real: np.ndarray, made: np.ndarray) -> dict[str, float]:
    """The definitions, pair by pair."""

    def distance(a: np.ndarray, b: np.ndarray) -> float:
        return float(np.sqrt(np.square(a - b).sum()))

    def reach(sample: np.ndarray, place: int) -> float:
        others = [distance(sample[place], each) for k, each in enumerate(sample) if k != place]
        return sorted(others)[4]

    count = len(real)
    spread = np.median([distance(a, b) for a, b in itertools.combinations(real, 2)])

    def kernel(a: np.ndarray, b: np.ndarray) -> float:
        return float(np.exp(-(distance(a, b) ** 2) / (2 * spread**2)))

    def among(sample: np.ndarray) -> float:
        return float(np.mean([kernel(a, b) for a, b in itertools.combinations(sample, 2)]))

    near_real = np.array([[distance(r, m) <= reach(real, i) for m in made] for i, r in enumerate(real)])
    near_made = np.array([[distance(r, m) <= reach(made, j) for j, m in enumerate(made)] for r in real])
    return {
        "mmd": among(real) + among(made) - 2 * float(np.mean([kernel(a, b) for a in real for b in made])),
        "precision": float(near_real.any(axis=0).mean()),
        "recall": float(near_made.any(axis=1).mean()),
        "density": float(near_real.sum() / (5 * count)),
        "coverage": float(near_real.any(axis=1).mean()),
    }


@pytest.mark.parametrize("seed", range(3))
def test_figures_are_what_their_definitions_say(seed: int) -> None:
    # Of 15 rows there are 105 pairs, so that the median is one of them.
    real, made = rows(15, 3, seed), 0.5 + 1.2 * rows(15, 3, seed + 100)
    found = generation_metrics(made, real, ALL)
    assert {name: found[name] for name in found if name != "sliced_wasserstein"} == pytest.approx(
        by_hand(real.numpy(), made.numpy()), abs=1e-9
    )


@given(st.integers(0, 999))
def test_of_one_column_mass_moves_by_the_known_distance(seed: int) -> None:
    first, second = rows(20, 1, seed), 2 * rows(20, 1, seed + 1) + 1
    known = wasserstein_distance(first[:, 0].numpy(), second[:, 0].numpy())
    assert sliced_wasserstein(first, second) == pytest.approx(known)


def test_the_discrepancy_is_unbiased() -> None:
    draws = [
        generation_metrics(rows(20, 4, seed), rows(20, 4, seed + 1000), frozenset({"mmd"}))["mmd"]
        for seed in range(300)
    ]
    assert abs(np.mean(draws)) < 4 * np.std(draws) / np.sqrt(300)
    assert min(draws) < 0


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("metric", ["energy_distance", "mmd", "sliced_wasserstein"])
def test_distances_order_samples_by_their_worth(metric: str, seed: int) -> None:
    found = figures(seed)
    worth = [found[name][metric] for name in ("real", "noisy", "blurred", "collapsed", "noise")]
    assert worth == sorted(worth)
    assert len(set(worth)) == len(worth)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_distance_of_the_judge_tells_all_but_a_collapse_from_noise(seed: int) -> None:
    found = {name: each["judge_frechet"] for name, each in figures(seed).items()}
    assert found["real"] < found["noisy"] < found["blurred"] < min(found["collapsed"], found["noise"]) / 2


@pytest.mark.parametrize("seed", SEEDS)
def test_coverage_sees_collapse_noise_and_strong_blur(seed: int) -> None:
    coverage = {name: found["coverage"] for name, found in figures(seed).items()}
    assert coverage["real"] > 0.9
    for better, worse in itertools.pairwise(["real", "noisy", "collapsed", "noise"]):
        assert coverage[better] > coverage[worse]
    assert coverage["real"] > coverage["very blurred"] > coverage["collapsed"]


@pytest.mark.parametrize("seed", SEEDS)
def test_recall_sees_blur_and_collapse_but_no_noise(seed: int) -> None:
    recall = {name: found["recall"] for name, found in figures(seed).items()}
    assert recall["real"] > 0.9
    assert recall["blurred"] < 0.1
    assert recall["collapsed"] == recall["noise"] == 0
    assert recall["noisy"] >= recall["real"]


@pytest.mark.parametrize("seed", SEEDS)
def test_precision_and_density_see_noise_but_neither_blur_nor_collapse(seed: int) -> None:
    for metric in ("precision", "density"):
        found = {name: each[metric] for name, each in figures(seed).items()}
        assert found["real"] > found["noisy"] > found["noise"] == 0
        assert found["blurred"] > found["noisy"]
        assert found["collapsed"] > found["noisy"]


def test_missing_rows_count_nowhere() -> None:
    real, made = rows(30, 3, 0), rows(30, 3, 1)
    gaps = torch.full((5, 3), torch.nan, dtype=torch.float64)
    assert generation_metrics(made, torch.cat([gaps, real]), ALL) == generation_metrics(made, real, ALL)
    assert generation_metrics(made, gaps, ALL) == {}


def test_more_rows_on_one_side_are_left_out() -> None:
    few, many = rows(100, 3, 0), rows(2000, 3, 1)
    for made, real in ((few, many), (many, few)):
        assert [len(sample) for sample in equal_samples(made, real)] == [100, 100]
    assert [len(sample) for sample in equal_samples(many, many)] == [1000, 1000]


def test_few_rows_have_no_neighbours() -> None:
    assert set(generation_metrics(rows(9, 3, 0), rows(5, 3, 1), ALL)) == {"sliced_wasserstein"}
    assert set(generation_metrics(rows(9, 3, 0), rows(6, 3, 1), ALL)) == ALL


def test_rows_that_are_mostly_alike_have_a_discrepancy_and_those_that_are_all_alike_none() -> None:
    real = torch.zeros(20, 2, dtype=torch.float64)
    assert "mmd" not in generation_metrics(rows(20, 2, 0), real, ALL)
    real[0] = 1.0
    assert generation_metrics(rows(20, 2, 0), real, ALL)["mmd"] > 0.1

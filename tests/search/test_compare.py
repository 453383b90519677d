"""Policies side by side: paired seeds, equal budgets, and tests of their differences."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from tests.search.samples import QUICK
from tests.variation.samples import small_problem

from graftwork.errors import InputError
from graftwork.runtime import Budget
from graftwork.search import Comparison, Milestone, PolicyRun, compare, load_comparison
from graftwork.search.compare import _summary, mean_interval, sign_flip_p

BUDGET = Budget(evaluations=3)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Comparison]:
    out = tmp_path_factory.mktemp("comparison") / "out"
    policies = ["random", "relevance"]
    found = compare(small_problem(), policies=policies, budget=BUDGET, seeds=[0, 5], out=out, settings=QUICK)
    return out, found


def test_runs_of_a_seed_begin_alike_and_are_paired(kept: tuple[Path, Comparison]) -> None:
    runs = {(run.policy, run.seed): run for run in kept[1].runs}
    assert set(runs) == {(policy, seed) for policy in ("random", "relevance") for seed in (0, 5)}
    for seed in (0, 5):
        begun = [
            [(m.steps, m.hypervolume) for m in runs[policy, seed].history[: QUICK.initial]]
            for policy in ("random", "relevance")
        ]
        assert begun[0] == begun[1]
    assert runs["random", 0].history[0].hypervolume != runs["random", 5].history[0].hypervolume
    assert {len(run.history) for run in runs.values()} == {3}


def test_curves_of_skill_and_volume_never_fall(kept: tuple[Path, Comparison]) -> None:
    for run in kept[1].runs:
        assert np.all(np.diff([m.hypervolume for m in run.history]) >= 0)
        for output in ("digit", "type", "image"):
            assert np.all(np.diff([skills[output] for skills in run.skills]) >= 0)


def test_the_same_call_answers_with_what_was_kept(kept: tuple[Path, Comparison]) -> None:
    out, found = kept
    again = compare(
        small_problem(),
        policies=["random", "relevance"],
        budget=BUDGET,
        seeds=[0, 5],
        out=out,
        settings=QUICK,
    )
    assert again == found
    assert load_comparison(out) == found


@pytest.mark.parametrize(
    ("changes", "culprit"),
    [
        ({"policies": []}, "at least one policy"),
        ({"policies": ["random", "random"]}, "policies must differ"),
        ({"policies": ["rndom"]}, "did you mean 'random'"),
        ({"seeds": []}, "one seed"),
        ({"seeds": [1, 1]}, "seeds must differ"),
        ({"seeds": [-1]}, "seed"),
        ({"workers": 0}, "workers"),
    ],
)
def test_bad_input_is_refused_before_a_folder_is_made(
    changes: dict[str, object], culprit: str, tmp_path: Path
) -> None:
    asked: dict[str, object] = {"policies": ["random"], "seeds": [0], "budget": BUDGET, "settings": QUICK}
    with pytest.raises(InputError, match=culprit):
        compare(small_problem(), out=tmp_path / "out", **(asked | changes))  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


def test_another_comparison_in_the_folder_is_refused(kept: tuple[Path, Comparison]) -> None:
    with pytest.raises(InputError, match="seeds"):
        compare(
            small_problem(),
            policies=["random", "relevance"],
            budget=BUDGET,
            seeds=[0],
            out=kept[0],
            settings=QUICK,
        )


def history(*volumes: float) -> tuple[Milestone, ...]:
    return tuple(Milestone(i + 1, 10 * (i + 1), 2.0 * (i + 1), volume) for i, volume in enumerate(volumes))


def test_a_summary_by_hand() -> None:
    runs = [
        PolicyRun("random", 0, history(0.1, 0.2, 0.3, 0.4), ()),
        PolicyRun("random", 1, history(0.1, 0.2, 0.3, 0.4), ()),
        PolicyRun("random", 2, history(0.1, 0.2, 0.3, 0.4), ()),
        PolicyRun("guided", 0, history(0.1, 0.4, 0.5, 0.6), ()),
        PolicyRun("guided", 1, history(0.1, 0.2, 0.4, 0.5), ()),
        PolicyRun("guided", 2, history(0.1, 0.2, 0.2, 0.3), ()),
    ]
    found, base = _summary("guided", runs), _summary("random", runs)
    assert (found.evaluations, found.steps, found.seconds) == (12, 120, 24.0)
    assert found.mean == pytest.approx(1.4 / 3)
    assert found.difference is not None
    assert found.difference[0] == pytest.approx(0.2 / 3)
    assert found.wins == 2
    assert found.evaluations_to_baseline == 0.75  # the median of 2 / 4, 3 / 4 and never
    assert (base.difference, base.p, base.evaluations_to_baseline) == (None, None, None)


@pytest.mark.parametrize("count", [1, 4, 7])
def test_the_sign_flip_test_counts_every_flip(count: int) -> None:
    differences = np.random.default_rng(count).normal(0.5, size=count)
    flips = [abs(np.mean(differences * signs)) for signs in product((1, -1), repeat=count)]
    by_hand = np.mean([flip >= abs(differences.mean()) - 1e-12 for flip in flips])
    assert sign_flip_p(differences) == pytest.approx(by_hand)


def test_with_many_pairs_the_sign_flip_test_is_near_the_exact_one() -> None:
    differences = np.random.default_rng(1).normal(0.3, size=16)
    signs = 2 * (np.arange(2**16)[:, None] >> np.arange(16) & 1) - 1
    exact = np.mean(np.abs((signs * differences).mean(axis=1)) >= abs(differences.mean()) - 1e-12)
    assert sign_flip_p(differences) == pytest.approx(exact, abs=0.015)
    assert sign_flip_p(np.zeros(4)) == 1.0


def test_the_interval_of_differences_covers_their_mean() -> None:
    mean, low, high = mean_interval(np.random.default_rng(0).normal(1.0, 0.1, size=30))
    assert low < mean < high
    assert mean == pytest.approx(1.0, abs=0.05)
    assert high - low == pytest.approx(2 * 1.96 * 0.1 / np.sqrt(30), rel=0.3)

"""What a searched model is held against."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.search.runs import run
from tests.search.samples import QUICK, score
from tests.variation.samples import small_problem

from graftwork.architecture import parameter_count, violations
from graftwork.errors import InputError, RunError, WorkLostError
from graftwork.problem import Categorical, Classification, Problem, Regression
from graftwork.runtime import InlineExecutor, Limits
from graftwork.search import RIVALS, Baseline, SearchSettings, load_search, skill_gaps
from graftwork.search.baselines import (
    GradientBoosting,
    SharedBottom,
    SingleTaskNetworks,
    hold_against,
    shared_bottom,
)
from graftwork.search.baselines.boosting import _categorical
from graftwork.search.last_training import last_limits
from graftwork.store import Details, Store
from graftwork.training import Static, TrainingOptions


def birds(*, gaps: bool = False) -> Problem:
    """Mass follows species and size, and `heavy` the mass."""
    rng = np.random.default_rng(0)
    species, size = rng.choice(["a", "b", "c"], size=400), rng.normal(size=400)
    mass = size + np.select([species == "a", species == "b"], [2.0, -2.0])
    heavy = (mass > 0).astype(int)
    if gaps:
        mass[::3], heavy[1::3] = np.nan, -1
    return Problem.from_arrays(
        "birds",
        inputs={"species": (Categorical(), species), "size": size},
        outputs={"mass": (Regression(), mass), "heavy": (Classification(), heavy)},
    )


def test_single_task_networks_are_each_as_large_as_the_model() -> None:
    # The searched model may have been balanced by the names of both outputs.
    settings = replace(QUICK, options=TrainingOptions(balancer=Static({"mass": 2.0, "heavy": 1.0})))
    found = SingleTaskNetworks().fit(birds(), parameters=4000, settings=settings, seed=0)
    assert sorted(found.scores) == ["heavy", "mass"]
    assert found.parameters is not None
    assert 2 * 3600 < found.parameters <= 2 * 4000


def test_a_shared_bottom_is_as_large_as_the_model_and_viable() -> None:
    problem = small_problem()
    found = SharedBottom().fit(problem, parameters=5000, settings=QUICK, seed=0)
    assert sorted(found.scores) == sorted(problem.outputs)
    assert found.parameters is not None
    assert 4500 < found.parameters <= 5000
    architecture = shared_bottom(birds(), 16)
    assert not violations(architecture)
    assert parameter_count(architecture) == parameter_count(shared_bottom(birds(), 16))


@pytest.mark.parametrize("gaps", [False, True])
def test_all_learn_what_can_be_learnt(gaps: bool) -> None:
    problem, settings = birds(gaps=gaps), SearchSettings(finish_steps=400)
    for rival in RIVALS:
        found = rival.fit(problem, parameters=2000, settings=settings, seed=0)
        assert found.scores["mass"].skill > 0.8, rival.name
        assert found.scores["heavy"].skill > 0.7, rival.name


def test_boosting_weighs_rare_classes_as_the_output_does() -> None:
    """Of rows that cannot be told apart a tenth is rare: only balanced trees ever say so."""
    x = np.zeros(600)
    x[:120] = 1.0
    y = np.where((x == 1) & (np.arange(600) % 4 == 0), "rare", "usual")
    order = np.random.default_rng(0).permutation(600)
    found = {}
    for balance in ("none", "balanced"):
        outputs = {"y": (Classification(balance=balance), y[order])}
        problem = Problem.from_arrays("rare", inputs={"x": x[order]}, outputs=outputs)
        found[balance] = GradientBoosting().fit(problem, parameters=100, settings=QUICK, seed=0).scores["y"]
    assert found["none"].metrics["error_rate"] < 0.1
    assert found["balanced"].metrics["error_rate"] > 0.1
    assert found["balanced"].metrics["balanced_error_rate"] < 0.25


def test_all_are_scored_on_test_rows() -> None:
    """Which here follow another rule than those that train and decide."""
    x = np.random.default_rng(4).normal(size=600)
    rows = {"train": range(300), "validation": range(300, 450), "test": range(450, 600)}
    y = np.where(np.arange(600) < 450, x, -x)
    problem = Problem.from_split("turned", inputs={"x": x}, outputs={"y": (Regression(), y)}, rows=rows)
    for rival in RIVALS:
        found = rival.fit(problem, parameters=500, settings=SearchSettings(finish_steps=300), seed=0)
        assert found.scores["y"].skill < -1, rival.name


def test_boosting_reads_categories_as_such_and_passes_over_classes_that_it_cannot_know() -> None:
    rng = np.random.default_rng(5)
    species, size = rng.choice(["a", "b", "c"], size=300), rng.normal(size=(300, 2))
    kinds = (species == "b").astype(int)
    kinds[200:205] = 2  # in validation rows alone
    problem = Problem.from_split(
        "unknown",
        inputs={"size": size, "species": (Categorical(), species)},
        outputs={"kind": (Classification(classes=3), kinds)},
        rows={"train": range(200), "validation": range(200, 250), "test": range(250, 300)},
    )
    assert _categorical(problem) == [2]
    assert GradientBoosting().fit(problem, parameters=1, settings=QUICK, seed=0).scores["kind"].skill > 0.9


def test_boosting_answers_each_target_and_does_not_generate() -> None:
    problem = small_problem()
    found = GradientBoosting().fit(problem, parameters=1, settings=QUICK, seed=0)
    asked = {name for name, output in problem.outputs.items() if output.kind != "generation"}
    assert set(found.scores) == asked != set(problem.outputs)
    assert found == GradientBoosting().fit(problem, parameters=99, settings=QUICK, seed=0)


def test_boosting_weighs_rows() -> None:
    x = np.random.default_rng(2).normal(size=600)
    flipped = np.arange(600) % 2 == 0
    problem = Problem.from_arrays(
        "weighed",
        inputs={"x": x},
        outputs={"y": (Regression(), np.where(flipped, -x, x))},
        weights=np.where(flipped, 0.0, 1.0),
    )
    assert GradientBoosting().fit(problem, parameters=1, settings=QUICK, seed=0).scores["y"].skill > 0.9


def test_boosting_rules_out_a_declared_class_that_no_row_holds() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=300)
    target = (Classification(classes=3), (x > 0).astype(int) * 2)
    problem = Problem.from_arrays("gap", inputs={"x": x}, outputs={"y": target})
    found = GradientBoosting().fit(problem, parameters=1, settings=QUICK, seed=0)
    assert found.scores["y"].skill > 0.9


def test_a_run_keeps_them_and_trains_those_that_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted: list[str] = []

    def counted(name: str, fit: Callable[..., Baseline]) -> Callable[..., Baseline]:
        def told(self: object, *args: object, **options: object) -> Baseline:
            fitted.append(name)
            return fit(self, *args, **options)

        return told

    for rival in RIVALS:
        monkeypatch.setattr(type(rival), "fit", counted(rival.name, type(rival).fit))
    assert run(tmp_path).baselines == ()
    first = run(tmp_path, baselines=RIVALS[:1])
    both = run(tmp_path, baselines=RIVALS)
    assert fitted == [rival.name for rival in RIVALS]
    assert both.baselines[:1] == first.baselines
    assert load_search(tmp_path).baselines == both.baselines
    assert [each.name for each in both.baselines] == [rival.name for rival in RIVALS]
    assert both.best.scores == first.best.scores
    # They are none of the candidates.
    with Store.read(tmp_path) as store:
        assert store.count("") == len(both.candidates)


def test_workers_find_what_this_process_finds(tmp_path: Path) -> None:
    alone = run(tmp_path / "alone", baselines=RIVALS).baselines
    assert run(tmp_path / "two", baselines=RIVALS, workers=2).baselines == alone


class Failing:
    name, title, says = "failing", "what fails", "it fails"

    def __init__(self, error: Exception | None) -> None:
        self.error = error

    def fit(self, problem: Problem, *, parameters: int, settings: SearchSettings, seed: int) -> Baseline:
        if self.error is not None:
            raise self.error
        return Baseline(self.name, {}, None)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RunError("it diverged"), "it diverged"),
        (WorkLostError("it was lost"), "it was lost"),
        (ValueError("no row"), "ValueError: no row"),
        (MemoryError(), "MemoryError: "),
    ],
)
def test_one_that_fails_costs_itself_alone_and_is_tried_again(
    tmp_path: Path, error: Exception, reason: str
) -> None:
    found = run(tmp_path, baselines=(Failing(error), *RIVALS[1:2]))
    assert [each.name for each in found.baselines] == [RIVALS[1].name]
    assert found.failed_baselines == load_search(tmp_path).failed_baselines == {"failing": reason}
    again = run(tmp_path, baselines=(Failing(RunError("again")),))
    assert again.failed_baselines == {"failing": "again"}
    assert again.baselines == found.baselines
    better = run(tmp_path, baselines=(Failing(None),))
    assert [each.name for each in better.baselines] == [RIVALS[1].name, "failing"]
    assert load_search(tmp_path).failed_baselines == {}


def test_a_run_that_was_interrupted_keeps_one_failure_of_each_as_any_other(tmp_path: Path) -> None:
    failing = Failing(RunError("it diverged"))
    with Store.open(tmp_path, kind="search", spec={}) as store:
        asked: dict[str, Any] = {
            "parameters": 1,
            "settings": QUICK,
            "seed": 0,
            "executor": InlineExecutor(),
        }
        for _ in range(2):
            hold_against((failing,), small_problem(), store, **asked)
        assert [entry.key for entry in store.entries()] == ["baseline/failing/0"]
        store.finish({})
        hold_against((failing,), small_problem(), store, **asked)
        assert len(store.entries()) == 2


def test_a_disk_that_refuses_is_no_fault_of_a_rival(tmp_path: Path) -> None:
    with Store.open(tmp_path, kind="search", spec={}) as store:
        store.add("baseline/failing", {})  # so that what it comes to cannot be written
        with pytest.raises(RunError, match="already holds"):
            hold_against(
                (Failing(None),),
                small_problem(),
                store,
                parameters=1,
                settings=QUICK,
                seed=0,
                executor=InlineExecutor(),
            )
        assert len(store.entries()) == 1


def test_a_damaged_one_is_refused(tmp_path: Path) -> None:
    run(tmp_path)
    with Store.open(tmp_path, kind="search", spec=load_search(tmp_path).spec) as store:
        details = Details(arm="baseline", number=0)
        store.add("baseline/other", {"parameters": "many"}, details=details)
    with pytest.raises(InputError, match="'baseline/other' is damaged"):
        load_search(tmp_path)


def test_how_a_model_stands_beside_a_baseline_is_told_of_what_both_answer() -> None:
    model = {"a": score("regression", 0.5), "b": score("regression", 0.5)}
    assert skill_gaps(model, Baseline("x", {"a": score("regression", 0.6)}, None)) == {
        "a": pytest.approx(-0.1)
    }


def test_all_trainings_of_a_rival_together_have_the_time_that_each_last_training_has() -> None:
    limits = last_limits(
        Limits(seconds=2), replace(QUICK, steps=4, initial_steps=8, finish_steps=40), trainings=3
    )
    assert limits.seconds == 2 * 10 * 3
    assert last_limits(Limits(seconds=2), replace(QUICK, steps=400, initial_steps=400)).seconds == 2


def test_a_search_gives_its_baselines_that_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = []
    monkeypatch.setattr(
        "graftwork.search._search.hold_against", lambda *_, limits, **__: given.append(limits)
    )
    run(tmp_path, limits=Limits(seconds=100), workers=2)
    run(tmp_path / "other")
    trainings = len(small_problem().outputs)
    assert given == [last_limits(Limits(seconds=100), QUICK, trainings=trainings), None]
    assert given[0].seconds > 100

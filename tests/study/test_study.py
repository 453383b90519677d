"""A whole study, killed and gone on with, and its records."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from tests.killing import cut_after
from tests.study.runs import DESIGN, PROBLEMS, run
from tests.variation.samples import small_problem

from graftwork.architecture import SearchSpace
from graftwork.diagnosis import FEATURES
from graftwork.errors import InputError
from graftwork.problem import Problem
from graftwork.runtime import Executor, InlineExecutor
from graftwork.store import Store
from graftwork.study import Study, load_study, run_study
from graftwork.study._driver import Driver
from graftwork.study._study import KIND, _drive
from graftwork.study.record import record_to_payload
from graftwork.training import Sequential, TrainingOptions
from graftwork.trial import outcome_of


def test_every_trial_has_a_record_against_its_control(whole: tuple[Path, Study]) -> None:
    study = whole[1]
    assert [(r.parent, r.trial) for r in study.records] == [(p, t) for p in range(2) for t in range(4)]
    assert study.parents == 2
    with Store.read(whole[0]) as store:
        outcomes = {e.key: outcome_of(e) for e in store.entries()}
    controls = {key: outcome for key, outcome in outcomes.items() if "/control/" in key}
    for record in study.records:
        child = outcomes[f"{record.parent}/trial/{record.trial}"]
        answers = [
            {
                name: score.decision_skill - of.scores[name].decision_skill
                for name, score in child.scores.items()
            }
            for key, of in controls.items()
            if key.startswith(f"{record.parent}/")
        ]
        assert record.effects in answers
        assert set(record.features) <= set(FEATURES)
        assert set(record.kinds.values()) == {"classification", "regression", "generation"}


def test_records_say_which_layer_was_changed(tmp_path: Path) -> None:
    design = replace(DESIGN, operators=("change_activation",), space=SearchSpace.modern(hidden_layers=(2, 3)))
    study = run_study(design, PROBLEMS, out=tmp_path)
    layers = [record.layer for record in study.records if record.operator == "change_activation"]
    assert None not in layers
    assert len(set(layers)) > 1
    assert {record.layer for record in study.records if record.operator == "continue"} == {None}
    assert load_study(tmp_path).records == study.records


def test_the_noise_arm_differs_from_its_control_by_the_seed_alone(whole: tuple[Path, Study]) -> None:
    noise = [record for record in whole[1].records if record.operator == "continue"]
    assert len(noise) == 2
    for record in noise:
        assert set(record.complexity.values()) == {0.0}
        assert any(record.effects.values())


@pytest.mark.parametrize("entries", [0, 1, 3, 11, -1])
def test_wherever_it_was_cut_the_end_is_the_same(
    entries: int, whole: tuple[Path, Study], tmp_path: Path
) -> None:
    cut_after(entries, whole[0], tmp_path)
    assert run(tmp_path) == whole[1]
    with Store.read(tmp_path) as cut, Store.read(whole[0]) as store:
        assert sorted(e.key for e in cut.entries()) == sorted(e.key for e in store.entries())


def test_a_finished_study_is_not_touched_and_is_read_as_it_ended(whole: tuple[Path, Study]) -> None:
    with Store.read(whole[0]) as store:
        before = store.entries()
    assert run(whole[0]) == load_study(whole[0]) == whole[1]
    with Store.read(whole[0]) as store:
        assert store.entries() == before


@pytest.mark.parametrize(
    ("changes", "problems", "culprit"),
    [
        ({"seed": 6}, PROBLEMS, "seed"),
        ({"trials": 4}, PROBLEMS, "trials"),
        ({}, {"small": small_problem(missing=True)}, "fingerprints"),
        ({"problems": ("small", "other")}, PROBLEMS, "'other'"),
    ],
)
def test_another_study_or_other_data_are_refused(
    changes: dict[str, Any], problems: dict[str, Problem], culprit: str, whole: tuple[Path, Study]
) -> None:
    with pytest.raises(InputError, match=culprit):
        run_study(replace(DESIGN, **changes), problems, out=whole[0])
    assert load_study(whole[0]) == whole[1]


def test_a_study_without_its_data_or_workers_makes_no_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'small'"):
        run_study(DESIGN, {}, out=tmp_path / "study")
    with pytest.raises(InputError, match="workers"):
        run(tmp_path / "study", workers=0)
    unknown = TrainingOptions(balancer=Sequential(("digits",)))
    with pytest.raises(InputError, match="came digits"):
        run_study(replace(DESIGN, options=unknown), PROBLEMS, out=tmp_path / "study")
    assert not (tmp_path / "study").exists()


def test_a_record_is_written_alike_by_every_process(whole: tuple[Path, Study]) -> None:
    """Whose sets of strings have orders of their own."""
    names = sorted(f"output {number}" for number in range(20))
    record = replace(whole[1].records[0], affected=frozenset(names))
    assert record_to_payload(record)["affected"] == names


def test_a_damaged_record_is_refused(whole: tuple[Path, Study], tmp_path: Path) -> None:
    cut_after(1, whole[0], tmp_path / "damaged")
    with Store.open(tmp_path / "damaged", kind=KIND, spec=dict(whole[1].design)) as store:
        store.add("0/record/0", {"problem": "small", "parent": "none"})
    with pytest.raises(InputError, match="damaged"):
        load_study(tmp_path / "damaged")


class Mortal:
    """An executor whose worker dies over the first child of parent 0."""

    workers = 1

    def __init__(self) -> None:
        self.executor = InlineExecutor()
        self.died = False

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        if args[0].candidate == "0/trials" and not self.died:
            self.died = True
            dead: Future[Any] = Future()
            dead.set_exception(BrokenExecutor("the process died"))
            return dead
        return self.executor.submit(function, *args, **kwargs)


def test_a_worker_that_dies_costs_its_trial_and_no_more(whole: tuple[Path, Study], tmp_path: Path) -> None:
    with Store.open(tmp_path, kind=KIND, spec={}) as store:
        driver = Driver(DESIGN, PROBLEMS, store)
        _drive(driver, cast("Executor", Mortal()), lambda done, total: None)
        lost, *others = driver.records()
    assert (lost.parent, lost.trial, lost.effects) == (0, 0, {})
    assert "failed" in lost.status
    assert others == list(whole[1].records[1:])

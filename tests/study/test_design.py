"""What a study is asked for: its trials are drawn fairly, and what cannot work is refused."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from scipy import stats
from tests.variation.samples import small_architecture

from graftwork.architecture import SearchSpace
from graftwork.errors import InputError
from graftwork.study import StudyDesign
from graftwork.study.design import plan_trials
from graftwork.training import Dynamic, Static, TrainingOptions
from graftwork.variation import CONTROL, OPERATORS, STRUCTURAL, Refusal

SPACE = SearchSpace.modern()
ARCHITECTURE = small_architecture(3)


def design(**changes: object) -> StudyDesign:
    asked = {"problems": ("small",), "space": SPACE, "parents": 2, "trials": 60}
    return StudyDesign(**(asked | changes))  # type: ignore[arg-type]


def test_trials_can_be_applied_and_the_last_is_the_noise_arm() -> None:
    planned = plan_trials(design(), "0", ARCHITECTURE)
    assert [trial.index for trial in planned] == list(range(61))
    for trial in planned[:-1]:
        application = trial.application
        made = OPERATORS[application.operator].apply(
            ARCHITECTURE, application.site, seed=application.seed, space=SPACE
        )
        assert not isinstance(made, Refusal)
        assert trial.trained == made.affected
        assert trial.control <= ARCHITECTURE.network_names
    assert planned[-1].application.operator == CONTROL.name
    assert planned[-1].trained == planned[-1].control == ARCHITECTURE.network_names


def test_operators_that_never_refuse_are_drawn_alike() -> None:
    of = ("clone_network", "reinitialise_network")
    drawn = Counter(
        trial.application.operator
        for parent in range(8)
        for trial in plan_trials(design(), f"{parent}", ARCHITECTURE)
    )
    assert stats.binomtest(drawn[of[0]], drawn[of[0]] + drawn[of[1]], 0.5).pvalue > 0.001
    # This architecture has no two networks that could be merged.
    assert set(drawn) == {operator.name for operator in STRUCTURAL} - {"merge_networks"} | {CONTROL.name}


def test_only_operators_that_are_asked_for_are_drawn() -> None:
    asked = ("add_connection", "add_connection_random")
    planned = plan_trials(design(operators=asked, trials=12), "0", ARCHITECTURE)
    assert {trial.application.operator for trial in planned} == {*asked, CONTROL.name}
    with pytest.raises(InputError, match="there is no operator 'add_conection'; did you mean"):
        design(operators=("add_conection",))


def test_trials_are_of_the_seed_and_the_parent() -> None:
    def applications(seed: int, parent: str) -> list[object]:
        return [trial.application for trial in plan_trials(design(seed=seed, trials=5), parent, ARCHITECTURE)]

    assert applications(0, "0") == applications(0, "0")
    assert applications(0, "0") != applications(0, "1")
    assert applications(0, "0") != applications(1, "0")


def test_a_study_that_balances_otherwise_is_another() -> None:
    balancers = (Static(), Static({"digit": 2.0}), Dynamic(), Dynamic(patience=3))
    specs = [design(options=TrainingOptions(balancer=balancer)).spec() for balancer in balancers]
    assert len({json.dumps(spec, sort_keys=True) for spec in specs}) == len(balancers)


@pytest.mark.parametrize(
    ("changes", "culprit"),
    [
        ({"parents": 1}, "at least 2 parents"),
        ({"trials": 0}, "trials"),
        ({"parent_steps": 0}, "parent_steps"),
        ({"trial_steps": -1}, "trial_steps"),
        ({"problems": ()}, "at least one problem"),
        ({"seed": -1}, "seed"),
    ],
)
def test_a_design_that_cannot_work_is_refused(changes: dict[str, object], culprit: str) -> None:
    with pytest.raises(InputError, match=culprit):
        design(**changes)

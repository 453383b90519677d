"""Ask and tell, the algorithms that pick parents, and settings."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from typing import ClassVar

import numpy as np
import pytest
from scipy import stats
from tests.search.samples import QUICK, SPACE, candidate
from tests.variation.samples import small_problem

from graftwork.architecture import canonical_hash
from graftwork.errors import InputError
from graftwork.runtime import InlineExecutor
from graftwork.search import (
    ALGORITHMS,
    Archive,
    Candidate,
    Choice,
    Proposal,
    RandomPolicy,
    Searcher,
    SearchSettings,
    Situation,
    hypervolume,
)
from graftwork.search.algorithms import HillClimbing, ParetoArchive
from graftwork.search.searcher import Standpoint
from graftwork.search.shared import SharedTrials
from graftwork.trial import Result, Trial, run_trial
from graftwork.variation import OPERATORS, Refusal

SETTINGS = replace(QUICK, space=SPACE, initial_steps=2, steps=2)


def searcher(seed: int = 0, settings: SearchSettings = SETTINGS) -> Searcher:
    return Searcher(small_problem(), RandomPolicy(), settings, seed=seed)


def run(of: Searcher, count: int, window: int) -> tuple[list[Proposal], list[Candidate]]:
    """Ask ahead by a window, as workers do; tell in order."""
    asked, told = [of.ask() for _ in range(window)], []
    while len(told) < count:
        proposal = asked[len(told)]
        told.append(of.tell(proposal, run_trial(proposal.trial)))
        asked.append(of.ask())
    return asked[:count], told


@cache
def finished() -> tuple[list[Proposal], list[Candidate]]:
    return run(searcher(), 14, window=4)


def test_a_run_begins_at_random_and_goes_on_from_the_front() -> None:
    asked, told = finished()
    assert [proposal.number for proposal in asked] == list(range(14))
    assert all(proposal.parent is None for proposal in asked[: SETTINGS.initial])
    assert [p.trial.steps for p in asked[:2]] == [SETTINGS.initial_steps] * 2
    children = [proposal for proposal in asked if proposal.parent is not None]
    assert len(children) >= 8
    for proposal in children:
        parent = told[proposal.parent or 0]
        assert proposal.parent is not None
        assert proposal.parent < proposal.number
        assert proposal.trial.parent is not None
        assert proposal.trial.parent.architecture == parent.architecture
        assert proposal.trial.parent.weights
        assert proposal.trial.steps == SETTINGS.steps


def test_a_child_is_what_its_application_makes_of_its_parent() -> None:
    asked, told = finished()
    for proposal in asked:
        application, parent = proposal.trial.application, proposal.trial.parent
        if application is None or parent is None:
            continue
        made = OPERATORS[application.operator].apply(
            parent.architecture, application.site, seed=application.seed, space=SPACE
        )
        assert not isinstance(made, Refusal)
        assert told[proposal.number].architecture == made.architecture


def test_a_searcher_that_goes_on_stands_where_the_other_stood() -> None:
    of = searcher(settings=replace(SETTINGS, algorithm="hill-climbing"))
    of.restore(
        Standpoint(members=(), told=9, asked=11, steps=30, state={"since": 7}, known=lambda digest: False)
    )
    assert of.algorithm.state() == {"since": 7}
    assert (of.archive.count, of.archive.steps) == (9, 30)
    assert of.ask().number == 11


def test_only_operators_that_are_asked_for_are_applied() -> None:
    asked, _ = run(searcher(settings=replace(SETTINGS, operators=("narrow_layer",))), 10, window=2)
    applied = {p.trial.application.operator for p in asked if p.trial.application}
    assert applied == {"narrow_layer"}


def test_nothing_is_evaluated_twice() -> None:
    _, told = finished()
    hashes = [canonical_hash(one.architecture) for one in told if one.done]
    assert len(hashes) == 14
    assert len(set(hashes)) == len(hashes)


@dataclass
class Stubborn:
    """A policy that wants one and the same change of the same place."""

    name: ClassVar[str] = "stubborn"
    needs_diagnosis: ClassVar[bool] = False

    def choose(self, situation: Situation, rng: np.random.Generator) -> Choice:
        return next(choice for choice in situation.options() if choice.operator.name == "clone_network")


def test_what_is_still_being_evaluated_is_not_proposed_again() -> None:
    of = Searcher(small_problem(), Stubborn(), replace(SETTINGS, initial=1), seed=0)
    first = of.ask()
    of.tell(first, run_trial(first.trial))
    child, other = of.ask(), of.ask()
    assert child.trial.application is not None
    assert (other.parent, other.trial.application) == (None, None)
    assert other.trial.steps == SETTINGS.initial_steps


def test_the_same_seed_proposes_the_same() -> None:
    asked, _ = finished()
    again, _ = run(searcher(), 6, window=4)
    assert again == asked[:6]
    other, _ = run(searcher(seed=1), 6, window=4)
    assert [p.trial.application for p in other] != [p.trial.application for p in again]


def archive(*skills: float) -> Archive:
    """Candidates that trade the digit for the type, so that all are in front."""
    filled = Archive(SPACE)
    for number, skill in enumerate(skills):
        filled.add(candidate(number, {"digit": skill, "type": 1 - skill}))
    return filled


@pytest.mark.parametrize("name", ALGORITHMS)
def test_an_empty_archive_asks_for_a_random_architecture(name: str) -> None:
    assert ALGORITHMS[name]().parent(Archive(SPACE), np.random.default_rng(0)) is None


def test_pareto_draws_half_by_volume_and_half_uniformly() -> None:
    of = archive(0.5, 0.1, 0.9)
    volumes = np.array([hypervolume([of.point(one)]) for one in of.front])
    shares = 0.5 * volumes / volumes.sum() + 0.5 / 3
    rng = np.random.default_rng(0)
    drawn = Counter(p.number for _ in range(2000) if (p := ParetoArchive().parent(of, rng)))
    assert stats.chisquare([drawn[n] for n in range(3)], 2000 * shares).pvalue > 0.001
    assert drawn[0] > 1.2 * drawn[1]


def test_pareto_draws_uniformly_where_none_covers_anything() -> None:
    of, rng = archive(0.0, 1.0), np.random.default_rng(0)
    drawn = Counter(p.number for _ in range(1000) if (p := ParetoArchive().parent(of, rng)))
    assert stats.binomtest(drawn[0], 1000, 0.5).pvalue > 0.001


def test_hill_climbing_varies_the_best_and_restarts_when_it_is_stuck() -> None:
    climber, rng = HillClimbing(patience=2), np.random.default_rng(0)
    of = archive(0.9, 0.5)
    picked = []
    for number in range(2, 10):
        parent = climber.parent(of, rng)
        picked.append(parent.number if parent else None)
        of.add(candidate(number, {"digit": 0.0, "type": 0.0}))
    # Candidate 1 is the best; two tries give no better one, then a restart, and two again.
    assert picked == [1, 1, None, 1, 1, None, 1, 1]


def test_hill_climbing_goes_on_from_what_another_remembered() -> None:
    rng, of = np.random.default_rng(0), archive(0.9, 0.5)
    whole, first = HillClimbing(patience=2), HillClimbing(patience=2)
    picked: list[tuple[object, object]] = []
    for number in range(2, 10):
        if number == 6:
            second = HillClimbing(patience=2)
            second.restore(json.loads(json.dumps(first.state())))
            first = second
        picked.append((whole.parent(of, rng), first.parent(of, rng)))
        of.add(candidate(number, {"digit": 0.0, "type": 0.0}))
    assert all(one == other for one, other in picked)
    assert None in [one for one, _ in picked[:4]]


def test_hill_climbing_goes_on_from_a_restart_that_joins_the_front() -> None:
    climber, rng = HillClimbing(patience=1), np.random.default_rng(0)
    of = archive(0.9, 0.5)
    of.add(candidate(2, {"digit": 0.0, "type": 0.0}))
    assert climber.parent(of, rng) is None
    of.add(candidate(3, {"digit": 0.95, "type": 0.05}))
    parent = climber.parent(of, rng)
    assert parent is not None
    assert parent.number == 3


@pytest.mark.parametrize(
    ("changes", "culprit"),
    [
        ({"algorithm": "zz"}, "hill-climbing"),
        ({"initial": 0}, "initial"),
        ({"steps": -1}, "steps must"),
        ({"operators": ("widen_layr",)}, "did you mean 'widen_layer'"),
        ({"operators": ()}, "expected at least one"),
    ],
)
def test_settings_that_cannot_work_are_refused(changes: dict[str, object], culprit: str) -> None:
    with pytest.raises(InputError, match=culprit):
        SearchSettings(**changes)  # type: ignore[arg-type]


def shared(trials: list[Trial]) -> list[Result]:
    executor = SharedTrials(InlineExecutor())
    return [executor.submit(run_trial, trial).result() for trial in trials]


def test_equal_beginnings_are_run_once() -> None:
    trial = searcher().ask().trial
    first, second = shared([trial, searcher().ask().trial])
    assert first is second


def test_beginnings_that_differ_in_anything_are_run_apart() -> None:
    trial = searcher().ask().trial
    others = [
        replace(trial, root=1),
        replace(trial, candidate="1"),
        replace(trial, steps=3),
        replace(trial, diagnose=True),
        replace(trial, space=replace(SPACE, max_networks=5)),
        replace(trial, options=replace(trial.options, learning_rate=0.1)),
        replace(trial, problem=small_problem(missing=True)),
    ]
    results = shared([trial, *others])
    assert len({id(result) for result in results}) == len(results)
    assert [r.outcome.scores for r in results[1:]] == [run_trial(trial).outcome.scores for trial in others]

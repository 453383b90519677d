"""Trials: the same wherever they run, and an outcome whatever happens."""

from __future__ import annotations

import json
from concurrent.futures import Future
from dataclasses import replace
from functools import cache

import pytest
import torch
from tests.variation.samples import rough_model, small_architecture, small_problem

from graftwork.architecture import SearchSpace
from graftwork.errors import InputError, WorkLostError
from graftwork.evaluation import evaluate
from graftwork.model import with_weights
from graftwork.runtime import InlineExecutor, integer_seed
from graftwork.store import load_tensors, save_tensors
from graftwork.trial import Application, Parent, Result, Trial, result_of, run_trial
from graftwork.trial.payload import from_payload, to_payload
from graftwork.variation import OPERATORS, Refusal, affected_outputs

SPACE = SearchSpace.modern()
PARENT = rough_model(small_architecture(0), 0)
BEGUN = Parent(PARENT.architecture, save_tensors(PARENT.state_dict()))


def fresh(candidate: str = "0", *, root: int = 7, diagnose: bool = False) -> Trial:
    return Trial(
        problem=small_problem(), space=SPACE, root=root, candidate=candidate, steps=15, diagnose=diagnose
    )


def varied(name: str) -> Trial:
    operator = OPERATORS[name]
    for site in operator.sites(PARENT.architecture):
        if not isinstance(operator.apply(PARENT.architecture, site, seed=3, space=SPACE), Refusal):
            return replace(fresh(name), parent=BEGUN, application=Application(name, site, 3))
    raise AssertionError(f"{name} applies nowhere")


# A graft needs a donor, and this parent has no two networks that could be merged.
COMMON = [name for name in OPERATORS if name not in ("graft_network", "merge_networks")]
TRIALS = {"random": fresh(diagnose=True), **{name: varied(name) for name in COMMON}}


@cache
def inline() -> dict[str, Result]:
    with InlineExecutor() as executor:
        return {name: executor.submit(run_trial, trial).result() for name, trial in TRIALS.items()}


@pytest.mark.parametrize("name", TRIALS)
def test_the_weights_that_come_back_have_the_scores_that_come_back(name: str) -> None:
    result = inline()[name]
    assert result.outcome.architecture is not None
    model = with_weights(result.outcome.architecture, load_tensors(result.weights))
    scores = evaluate(model, small_problem())
    for output in ("digit", "type"):
        assert scores[output] == result.outcome.scores[output]


def test_the_parent_of_a_trial_is_what_is_varied() -> None:
    trial, result = TRIALS["continue"], inline()["continue"]
    assert result.outcome.architecture == PARENT.architecture
    before, after = load_tensors(BEGUN.weights), load_tensors(result.weights)
    assert before.keys() == after.keys()
    assert any(not torch.equal(before[name], after[name]) for name in before)
    one = run_trial(replace(trial, trainable=frozenset({PARENT.architecture.order[-1]})))
    changed = {
        name.split(".")[1]
        for name, v in load_tensors(one.weights).items()
        if not torch.equal(v, before[name])
    }
    assert changed & PARENT.architecture.network_names == {PARENT.architecture.order[-1]}


def test_what_cannot_be_made_is_an_outcome() -> None:
    result = run_trial(replace(fresh(), space=replace(SPACE, min_parameters=1, max_parameters=10)))
    assert result.outcome.status == "failed"
    assert "max_parameters" in result.outcome.reason
    damaged = run_trial(replace(TRIALS["continue"], parent=Parent(PARENT.architecture, b"nothing")))
    assert damaged.outcome.status == "failed"
    assert "safetensors" in damaged.outcome.reason


@pytest.mark.parametrize("name", TRIALS)
def test_outcomes_come_back_whole_from_json(name: str) -> None:
    outcome = inline()[name].outcome
    text = json.dumps(to_payload(outcome), allow_nan=False)
    assert from_payload(json.loads(text)) == outcome


@pytest.mark.parametrize("damage", [{"status": "perfect"}, {"steps": "many"}, {"scores": {"digit": {}}}])
def test_a_damaged_payload_is_refused(damage: dict[str, object]) -> None:
    with pytest.raises(InputError, match=next(iter(damage))):
        from_payload(to_payload(inline()["continue"].outcome) | damage)


def test_outputs_that_are_not_affected_keep_the_scores_of_the_parent() -> None:
    problem = small_problem()
    scores = evaluate(PARENT, problem, seed=integer_seed(7, 0, "judging"))
    parent = replace(BEGUN, scores=scores)
    kept = 0
    for name in COMMON:
        trial = replace(TRIALS[name], parent=parent)
        outcome, plain = run_trial(trial).outcome, inline()[name].outcome
        assert outcome.architecture is not None
        assert outcome.scores == plain.scores
        reached = affected_outputs(outcome.architecture, outcome.trained)
        for output in problem.outputs.keys() - reached:
            assert outcome.scores[output] is scores[output]
            kept += 1
    assert kept


def test_a_trial_that_fails_is_charged_the_steps_it_was_given() -> None:
    """A budget in steps would have no end otherwise where all candidates fail."""
    impossible = replace(fresh(), space=replace(SPACE, min_parameters=1, max_parameters=10))
    assert run_trial(impossible).outcome.steps == impossible.steps
    for error in (WorkLostError("its worker died", seconds=2.5), OSError("the pipe is closed")):
        future: Future[Result] = Future()
        future.set_exception(error)
        outcome = result_of(future, impossible).outcome
        assert (outcome.status, outcome.steps) == ("failed", impossible.steps)
        assert str(error) in outcome.reason
        assert outcome.seconds == getattr(error, "seconds", 0.0)

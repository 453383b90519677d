"""A trial is a pure function of what it is given, wherever it runs."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
import torch
from tests.training.problems import PROBLEM, SPACE

from graftwork.architecture import Architecture, random_architecture
from graftwork.errors import InputError
from graftwork.runtime import InlineExecutor, ProcessExecutor, integer_seed
from graftwork.store import load_tensors, save_tensors
from graftwork.trial import Application, Outcome, Parent, Result, Trial, run_trial
from graftwork.trial.payload import from_payload, to_payload
from graftwork.variation import OPERATORS, Refusal, Site

# A graft needs a donor, and few random networks lie side by side so that they could be merged.
COMMON = [name for name in OPERATORS if name not in ("graft_network", "merge_networks")]


def _candidate() -> str:
    """The first candidate whose random architecture has a site for every common operator."""
    for number in range(100):
        seed = integer_seed(3, str(number), "candidate")
        architecture = random_architecture(PROBLEM, SPACE, seed=seed)
        if all(applicable(name, architecture) for name in COMMON):
            return str(number)
    raise AssertionError("no candidate has a site for every operator")


def applicable(operator: str, architecture: Architecture) -> list[Site]:
    found = OPERATORS[operator]
    return [
        site
        for site in found.sites(architecture)
        if not isinstance(found.apply(architecture, site, seed=1, space=SPACE), Refusal)
    ]


TRIAL = Trial(problem=PROBLEM, space=SPACE, root=3, candidate=_candidate(), steps=15, diagnose=True)


@pytest.fixture(scope="module")
def beginning() -> Result:
    with InlineExecutor() as executor:
        return executor.submit(run_trial, TRIAL).result()


def parent_of(result: Result) -> Parent:
    assert result.outcome.architecture is not None
    return Parent(result.outcome.architecture, result.weights)


def descend(result: Result, operator: str) -> Trial:
    parent = parent_of(result)
    site = applicable(operator, parent.architecture)[0]
    return replace(TRIAL, candidate="descendant", parent=parent, application=Application(operator, site, 1))


def timeless(result: Result) -> tuple[Outcome, bytes]:
    return replace(result.outcome, seconds=0.0, training_seconds=0.0), result.weights


def test_a_beginning_is_done(beginning: Result) -> None:
    outcome = beginning.outcome
    assert (outcome.status, outcome.steps) == ("done", 15)
    assert outcome.scores.keys() == PROBLEM.outputs.keys()
    assert outcome.complexity is not None
    assert outcome.diagnosis is not None
    assert outcome.architecture is not None
    assert outcome.trained == outcome.architecture.network_names
    assert sum(v.numel() for v in load_tensors(beginning.weights).values()) == outcome.complexity.parameters


def test_every_operator_gives_the_same_bits_here_and_in_a_worker(beginning: Result) -> None:
    trials = [TRIAL, *(descend(beginning, name) for name in COMMON)]
    with InlineExecutor() as inline, ProcessExecutor(workers=1) as processes:
        away = [processes.submit(run_trial, trial) for trial in trials]
        here = [inline.submit(run_trial, trial).result() for trial in trials]
        again = [inline.submit(run_trial, trial).result() for trial in trials[:2]]
        for trial, result, future in zip(trials, here, away, strict=True):
            assert result.outcome.status == "done", (trial.application, result.outcome.reason)
            other = future.result()
            assert timeless(result) == timeless(other)
            first, second = (
                to_payload(replace(r.outcome, seconds=0.0, training_seconds=0.0)) for r in (result, other)
            )
            assert json.dumps(first) == json.dumps(second)
    assert [timeless(result) for result in again] == [timeless(result) for result in here[:2]]
    assert timeless(here[0]) == timeless(beginning)


def test_another_candidate_is_another_model(beginning: Result) -> None:
    other = run_trial(replace(TRIAL, candidate="another"))
    assert other.outcome.architecture != beginning.outcome.architecture


def test_a_refusal_is_an_outcome(beginning: Result) -> None:
    site = Site("network", ("n99",))
    trial = replace(TRIAL, parent=parent_of(beginning), application=Application("clone_network", site, 0))
    result = run_trial(trial)
    assert (result.outcome.status, result.weights) == ("refused", b"")
    assert "has no site" in result.outcome.reason
    assert from_payload(to_payload(result.outcome)) == result.outcome


def test_what_diverges_has_no_scores(beginning: Result) -> None:
    parent = parent_of(beginning)
    weights = {name: torch.full_like(v, math.inf) for name, v in load_tensors(parent.weights).items()}
    trial = replace(descend(beginning, "continue"), parent=Parent(parent.architecture, save_tensors(weights)))
    outcome = run_trial(trial).outcome
    assert (outcome.status, outcome.reason) == ("diverged", "not finite")
    assert outcome.scores == {}
    assert outcome.architecture == parent.architecture


def test_what_cannot_be_loaded_fails_with_a_reason(beginning: Result) -> None:
    trial = replace(descend(beginning, "continue"), parent=Parent(parent_of(beginning).architecture, b"x"))
    outcome = run_trial(trial).outcome
    assert outcome.status == "failed"
    assert outcome.reason


def test_outcomes_survive_json(beginning: Result) -> None:
    for name in COMMON:
        outcome = run_trial(descend(beginning, name)).outcome
        payload = to_payload(outcome)
        assert from_payload(json.loads(json.dumps(payload))) == outcome
        assert payload["trained"] == sorted(outcome.trained)


def test_a_damaged_payload_is_refused(beginning: Result) -> None:
    payload = to_payload(beginning.outcome)
    for damaged in ({**payload, "status": "fine"}, {k: v for k, v in payload.items() if k != "reason"}):
        with pytest.raises(InputError, match="damaged"):
            from_payload(damaged)


def test_a_parent_goes_with_an_application(beginning: Result) -> None:
    with pytest.raises(InputError, match="go together"):
        replace(TRIAL, parent=parent_of(beginning))
    with pytest.raises(InputError, match="go together"):
        replace(TRIAL, application=Application("continue", Site("model"), 0))

"""Training under a budget: what is frozen stays, what is cached changes nothing, what fails says so."""

from __future__ import annotations

import copy
import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.training.problems import (
    ARCHITECTURE,
    PROBLEM,
    SPACE,
    equal_weights,
    make_model,
    make_problem,
)

from graftwork.architecture import random_architecture
from graftwork.errors import InputError
from graftwork.evaluation import evaluate
from graftwork.model import build
from graftwork.problem import Problem, Split
from graftwork.runtime import Budget
from graftwork.training import Convergence, TrainingOptions, _train, split_losses, train
from graftwork.training.frozen import cacheable, frozen_values

STEPS = Budget(steps=40)


def test_loss_falls_and_the_model_given_stays_as_it_is() -> None:
    model = make_model()
    weights = copy.deepcopy(model.state_dict())
    trained = train(model, PROBLEM, budget=Budget(steps=300), seed=0)
    before, after = (split_losses(m, PROBLEM, PROBLEM.train) for m in (model, trained.model))
    assert all(after[name] < 0.7 * before[name] for name in before)
    assert all(torch.equal(value, weights[name]) for name, value in model.state_dict().items())
    assert all(parameter.requires_grad for parameter in trained.model.parameters())


def test_the_best_weights_seen_on_validation_rows_come_back() -> None:
    trained = train(
        make_model(),
        PROBLEM,
        budget=Budget(steps=60),
        seed=0,
        options=TrainingOptions(check_every=10, learning_rate=0.5),
    )
    losses = split_losses(trained.model, PROBLEM, PROBLEM.validation)
    assert losses in [pytest.approx(look, rel=1e-6) for _, look in trained.curve]


def test_a_seed_says_every_bit() -> None:
    first, second, other = (train(make_model(), PROBLEM, budget=STEPS, seed=s) for s in (3, 3, 4))
    assert equal_weights(first.model, second.model)
    assert first.curve == second.curve
    assert not equal_weights(first.model, other.model)


@pytest.mark.parametrize("part", [{"n1"}, {"n3", "n4"}, {"n2", "n4"}])
def test_frozen_parameters_keep_every_bit(part: set[str]) -> None:
    model = make_model()
    trained = train(model, PROBLEM, budget=STEPS, seed=0, trainable=frozenset(part))
    before = model.state_dict()
    for name, value in trained.model.state_dict().items():
        owner = name.split(".")[1] if name.startswith("networks.") else name.rpartition("gain_")[2]
        assert torch.equal(value, before[name]) == (owner not in part)


@given(st.integers(0, 10**6), st.data())
def test_cached_values_are_those_that_would_be_computed(seed: int, data: st.DataObject) -> None:
    architecture = random_architecture(PROBLEM, SPACE, seed=seed)
    names = st.sampled_from(sorted(architecture.network_names))
    part = frozenset(data.draw(st.sets(names, min_size=1, max_size=2)))
    model, outputs = build(architecture, seed=seed), architecture.output_names
    known = frozen_values(model, PROBLEM.train, part, outputs)
    assert known.keys() <= cacheable(architecture, part)
    assert not known.keys() & architecture.downstream(part)
    with torch.no_grad():
        whole = model.run(PROBLEM.train.inputs)
        short = model.run(PROBLEM.train.inputs, known=known)
    assert all(torch.equal(short.outputs[name], whole.outputs[name]) for name in outputs)


@pytest.mark.parametrize("part", [{"n1"}, {"n3", "n4"}, {"n4"}, {"n2", "n4"}])
def test_the_cache_changes_no_score(part: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    cached = train(make_model(), PROBLEM, budget=STEPS, seed=0, trainable=frozenset(part))
    assert frozen_values(make_model(), PROBLEM.train, frozenset(part), ARCHITECTURE.output_names)
    monkeypatch.setattr(_train, "frozen_values", lambda *_: {})
    plain = train(make_model(), PROBLEM, budget=STEPS, seed=0, trainable=frozenset(part))
    first, second = (evaluate(t.model, PROBLEM) for t in (cached, plain))
    for name, score in first.items():
        assert score.metrics == pytest.approx(second[name].metrics, abs=1e-5)


@pytest.mark.parametrize("part", [None, {"n1"}])
def test_a_loss_that_is_not_finite_ends_it(part: set[str] | None) -> None:
    model = make_model()
    with torch.no_grad():
        model.get_parameter("networks.n1.weight_1")[0, 0] = math.inf
    trainable = None if part is None else frozenset(part)
    trained = train(model, PROBLEM, budget=STEPS, seed=0, trainable=trainable)
    assert (trained.reason, trained.steps) == ("not finite", 0)


def test_what_diverges_comes_back_with_its_last_finite_weights() -> None:
    options = TrainingOptions(learning_rate=1e30, check_every=1)
    trained = train(make_model(), PROBLEM, budget=STEPS, seed=0, options=options)
    assert trained.reason == "not finite"
    assert all(bool(value.isfinite().all()) for value in trained.model.state_dict().values())


def test_training_stops_on_a_plateau() -> None:
    options = TrainingOptions(learning_rate=1e-12, check_every=5, patience=3)
    trained = train(make_model(), PROBLEM, budget=Budget(steps=1000), seed=0, options=options)
    assert (trained.reason, trained.steps) == ("converged", 15)


def test_a_budget_of_seconds_ends_with_a_look_at_what_was_trained() -> None:
    options = TrainingOptions(check_every=10**6)
    trained = train(make_model(), PROBLEM, budget=Budget(seconds=1e-9), seed=0, options=options)
    assert (trained.reason, trained.steps) == ("budget", 1)
    assert [steps for steps, _ in trained.curve] == [0, 1]


@pytest.mark.parametrize(
    ("budget", "part", "message"),
    [
        (Budget(evaluations=3), None, "steps, seconds or macs"),
        (STEPS, set(), "trainable"),
        (STEPS, {"n1", "n77"}, "n77"),
    ],
)
def test_bad_requests_are_refused(budget: Budget, part: set[str] | None, message: str) -> None:
    with pytest.raises(InputError, match=message):
        train(
            make_model(),
            PROBLEM,
            budget=budget,
            seed=0,
            trainable=None if part is None else frozenset(part),
        )


def test_rows_without_a_target_have_no_say() -> None:
    problem = make_problem(missing=True)
    trained = train(make_model(), problem, budget=STEPS, seed=0)
    assert all(bool(value.isfinite().all()) for value in trained.model.state_dict().values())
    # Inputs of rows whose label is missing may be anything: the network of labels learns the same.
    gone = problem.train.targets["label"] == -1
    assert bool(gone.any())
    scrambled = {"x": torch.where(gone.unsqueeze(1), 9.0, problem.train.inputs["x"])}
    other: Problem = replace(problem, train=Split(scrambled, problem.train.targets))
    part = frozenset({"n1"})
    first, second = (train(make_model(), p, budget=STEPS, seed=0, trainable=part) for p in (problem, other))
    for name, value in first.model.state_dict().items():
        torch.testing.assert_close(value, second.model.state_dict()[name])


def test_convergence_counts_looks_without_a_relative_gain() -> None:
    convergence = Convergence(patience=2, tolerance=0.1)
    looks = [1.0, 0.95, 0.8, 0.79, 0.78]
    assert [convergence.look(loss) for loss in looks] == [False, False, False, False, True]
    assert convergence.best == 0.78


def test_a_look_reads_no_more_validation_rows_than_it_may() -> None:
    few = TrainingOptions(check_every=10, look_rows=7)
    curve = train(make_model(), PROBLEM, budget=Budget(steps=10), seed=0, options=few).curve
    some = split_losses(make_model(), PROBLEM, PROBLEM.validation.first(7))
    assert curve[0][1] == pytest.approx(some)
    assert curve[0][1] != pytest.approx(split_losses(make_model(), PROBLEM, PROBLEM.validation))


def test_dropout_is_at_work_while_training_and_gone_at_a_look() -> None:
    networks = tuple(replace(n, dropout=0.5) if n.kind != "decoder" else n for n in ARCHITECTURE.networks)
    with_dropout = build(replace(ARCHITECTURE, networks=networks), seed=0)
    plain = build(ARCHITECTURE, seed=0)
    dropped, kept = (train(m, PROBLEM, budget=Budget(steps=1), seed=0) for m in (with_dropout, plain))
    assert dropped.curve[0] == kept.curve[0]
    assert dropped.curve[1] != kept.curve[1]

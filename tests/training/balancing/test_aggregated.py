"""Gradients of outputs aggregated."""

from __future__ import annotations

import logging
import math
import sys
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.training.balancing.rows import shared_trunk, two_outputs
from tests.training.balancing.tasks import task_of
from tests.training.problems import PROBLEM, equal_weights, make_model
from torch import Tensor
from torchjd import aggregation as aggregation_module

from graftwork.errors import InputError, MissingExtraError
from graftwork.model import build
from graftwork.runtime import Budget, torch_generator
from graftwork.training import Aggregated, Sequential, Static, TrainingOptions, engines, named_balancer, train
from graftwork.training.balancing import AGGREGATORS, Aggregation
from graftwork.training.engines import EagerEngine

NAMES = sorted(AGGREGATORS)
STEPS = Budget(steps=20)


def aggregation(name: str, seed: int = 0) -> Aggregation:
    made = Aggregated(name).start(["a", "b", "c"], steps=None, seed=seed)
    assert isinstance(made, Aggregation)
    return made


def drawn(seed: int, outputs: int = 3, size: int = 6) -> Tensor:
    return torch.randn(outputs, size, generator=torch_generator(seed, 0, "test"))


def test_a_step_hurts_neither_of_two_opposed_outputs_where_the_sum_does() -> None:
    gradients = torch.tensor([[1.0, 0.0], [-3.0, 1.0]])
    assert float(gradients[0] @ gradients.sum(dim=0)) < 0
    assert bool((gradients @ aggregation("upgrad").combine(gradients) >= 0).all())


@given(st.integers(0, 10**6), st.lists(st.floats(1e-3, 1e3), min_size=3, max_size=3))
def test_upgrad_hurts_no_output_however_small_its_gradient(seed: int, sizes: list[float]) -> None:
    gradients = drawn(seed) * torch.tensor(sizes)[:, None]
    combined = aggregation("upgrad").combine(gradients)
    gained = gradients @ combined / gradients.norm(dim=1) / combined.norm()
    assert bool((gained > -1e-4).all())


@pytest.mark.parametrize("name", NAMES)
@given(st.integers(0, 10**6))
def test_it_is_what_torchjd_makes_of_well_conditioned_gradients(name: str, seed: int) -> None:
    gradients = (drawn(seed, size=40) * torch.tensor([[1.0], [2.0], [0.5]])).double()
    torch.manual_seed(0)
    own = getattr(aggregation_module, AGGREGATORS[name])()(gradients) * (1 if name == "pcgrad" else 3)
    if name == "pcgrad" and bool((gradients @ gradients.T < 0).any()):
        return  # what it draws is drawn by another seed
    torch.testing.assert_close(aggregation(name).combine(gradients), own, rtol=1e-2, atol=1e-2)


@pytest.mark.parametrize("name", NAMES)
@given(st.floats(1e-6, 1e6))
def test_without_conflict_it_is_the_sum(name: str, scale: float) -> None:
    gradients = scale * torch.eye(3, 5)
    torch.testing.assert_close(aggregation(name).combine(gradients), gradients.sum(dim=0))


@pytest.mark.parametrize("name", NAMES)
@given(st.integers(0, 10**6), st.floats(-8, 8))
def test_it_does_the_same_early_in_training_and_late(name: str, seed: int, power: float) -> None:
    gradients, scale = drawn(seed), 10.0**power
    small, large = (aggregation(name).combine(g) for g in (gradients, gradients * scale))
    torch.testing.assert_close(small * scale, large, rtol=1e-3, atol=1e-4 * scale)


@given(st.integers(0, 10**6), st.lists(st.floats(0.1, 10), min_size=3, max_size=3))
def test_outputs_that_agree_altogether_are_no_crash_and_summed(seed: int, lengths: list[float]) -> None:
    gradients = drawn(seed, outputs=1, size=300) * torch.tensor(lengths)[:, None]
    torch.testing.assert_close(aggregation("upgrad").combine(gradients), gradients.sum(dim=0))
    for name in NAMES:
        assert bool(aggregation(name).combine(gradients).isfinite().all())


@pytest.mark.parametrize("name", NAMES)
@given(st.integers(0, 10**6))
def test_an_output_without_a_gradient_has_no_say(name: str, seed: int) -> None:
    gradients = drawn(seed, outputs=2)
    silent = torch.cat([gradients, torch.zeros(1, 6)])
    torch.testing.assert_close(aggregation(name).combine(silent), aggregation(name).combine(gradients))


@pytest.mark.parametrize("name", NAMES)
def test_one_gradient_is_left_as_it_is_and_none_is_nothing(name: str) -> None:
    alone = drawn(0, outputs=1)
    assert torch.equal(aggregation(name).combine(alone), alone[0])
    assert not aggregation(name).combine(torch.zeros(3, 6)).any()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [math.inf, math.nan])
def test_what_is_not_finite_is_no_crash(name: str, value: float) -> None:
    gradients = drawn(0)
    gradients[1, 2] = value
    assert not aggregation(name).combine(gradients).isfinite().all()


@pytest.mark.parametrize("name", NAMES)
def test_what_diverges_ends_with_its_last_finite_weights(name: str) -> None:
    options = TrainingOptions(balancer=Aggregated(name), learning_rate=1e30, check_every=1)
    trained = train(make_model(), PROBLEM, budget=STEPS, seed=0, options=options)
    assert trained.reason == "not finite"
    assert all(bool(value.isfinite().all()) for value in trained.model.state_dict().values())


@pytest.mark.parametrize("name", NAMES)
def test_a_seed_says_every_bit_and_global_state_neither_counts_nor_changes(name: str) -> None:
    options = TrainingOptions(balancer=Aggregated(name))
    trained = []
    for state in (1, 2):
        torch.manual_seed(state)
        before = torch.get_rng_state()
        trained.append(train(make_model(), PROBLEM, budget=STEPS, seed=3, options=options).model)
        assert torch.equal(torch.get_rng_state(), before)
    assert equal_weights(*trained)


def test_what_an_aggregator_draws_depends_on_the_seed() -> None:
    # Three that conflict: what PCGrad makes of them depends on their order.
    gradients = torch.tensor([[1.0, 0.2], [-0.8, 0.7], [0.1, -1.0]])
    made = {tuple(aggregation("pcgrad", seed).combine(gradients).tolist()) for seed in range(8)}
    again = {tuple(aggregation("pcgrad", 0).combine(gradients).tolist()) for _ in range(8)}
    assert len(made) > 1
    assert len(again) == 1


@pytest.mark.parametrize("name", NAMES)
def test_what_one_output_alone_reaches_trains(name: str) -> None:
    model = make_model()
    options = TrainingOptions(balancer=Aggregated(name))
    trained = train(model, PROBLEM, budget=STEPS, seed=0, options=options).model
    before = model.state_dict()
    unmoved = [key for key, value in trained.state_dict().items() if torch.equal(value, before[key])]
    assert unmoved == []


def test_where_one_output_is_reached_it_is_the_plain_gradient_with_the_kl() -> None:
    part = frozenset({"n3", "n4"})
    plain, aggregated = (
        EagerEngine(task_of(balancer, part=part)).gradients(torch.arange(64))
        for balancer in (Static(), Aggregated("upgrad"))
    )
    assert plain.keys() == aggregated.keys()
    for name, gradient in plain.items():
        torch.testing.assert_close(aggregated[name], gradient)


def test_the_kl_counts() -> None:
    rows = torch.arange(64)
    with_kl, without = (
        EagerEngine(task_of(Aggregated("upgrad"), beta=beta)).gradients(rows) for beta in (10.0, 0.0)
    )
    moved = {name for name, gradient in with_kl.items() if not torch.allclose(gradient, without[name])}
    assert {name.split(".")[1] for name in moved} >= {"n3", "n4"}


def test_the_gradient_of_a_shared_trunk_is_the_aggregate_of_those_of_the_outputs() -> None:
    engine = EagerEngine(task_of(Aggregated("upgrad")))
    rows = torch.arange(64)
    whole = engine.gradients(rows)
    each = [
        EagerEngine(task_of(Static({o: float(o == one) for o in PROBLEM.outputs}))).gradients(rows)
        for one in sorted(PROBLEM.outputs)
    ]
    flat = torch.stack([torch.cat([g.flatten() for g in gradients.values()]) for gradients in each])
    expected = aggregation("upgrad").combine(flat)
    torch.testing.assert_close(torch.cat([g.flatten() for g in whole.values()]), expected)


def test_a_backward_pass_an_output_is_paid_for() -> None:
    problem = two_outputs()
    model = build(shared_trunk(problem), seed=0)
    plain, aggregated = (
        train(model, problem, budget=STEPS, seed=0, options=TrainingOptions(balancer=balancer)).macs
        for balancer in (Static(), Aggregated())
    )
    trunk = 64 * 20 * (6 * 8 + 8 * 4)  # batch, steps, weights of the trunk
    heads = 64 * 20 * 2 * 4 * 2
    assert plain == 2 * trunk + 64 * 20 * 8 * 4 + 3 * heads
    assert aggregated == plain + trunk + 64 * 20 * 8 * 4


def test_it_is_eager_and_says_nothing_of_it(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_told", set())
    options = TrainingOptions(balancer=Aggregated())
    with caplog.at_level(logging.DEBUG):
        assert train(make_model(), PROBLEM, budget=STEPS, seed=0, options=options).engine == "eager"
    assert caplog.records == []
    with pytest.raises(InputError, match="native"):
        train(make_model(), PROBLEM, budget=STEPS, seed=0, options=replace(options, engine="native"))


@pytest.mark.parametrize("name", ["upgrad", "mgda"])
@pytest.mark.parametrize("gone", ["torchjd", "qpsolvers"])
def test_without_the_extra_it_says_what_to_install(
    name: str, gone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if gone == "torchjd":
        for module in [m for m in sys.modules if m.partition(".")[0] == gone]:
            monkeypatch.setitem(sys.modules, module, None)
        monkeypatch.setitem(sys.modules, gone, None)
    else:
        from torchjd import _mixins

        monkeypatch.setattr(_mixins, "find_spec", lambda module: None if module == gone else module)
    if gone == "qpsolvers" and name == "mgda":
        assert named_balancer(name)  # solves no quadratic programme
        return
    for refused in (lambda: named_balancer(name), lambda: Aggregated(name).start(["a"], steps=None)):
        with pytest.raises(MissingExtraError, match=r"pip install 'graftwork\[balancing\]'"):
            refused()


def test_the_rest_does_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchjd", None)
    assert named_balancer("sequential") == Sequential()

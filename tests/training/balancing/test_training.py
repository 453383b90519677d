"""Training by every strategy, and by both engines."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from tests.training.balancing.rows import losses_after, shared_trunk, two_outputs
from tests.training.balancing.tasks import task_of
from tests.training.problems import PROBLEM, make_model, make_problem

from graftwork.errors import InputError
from graftwork.model import build
from graftwork.runtime import Budget
from graftwork.training import (
    BALANCERS,
    Balancer,
    Dynamic,
    Scaled,
    Sequential,
    Static,
    TrainingOptions,
    Uncertainty,
    train,
)
from graftwork.training.balancing import AGGREGATORS
from graftwork.training.engines import EagerEngine, NativeEngine
from graftwork.training.engines.native import compiled_engine

WEIGHING = [
    *(BALANCERS[name] for name in BALANCERS if name not in AGGREGATORS),
    Static({"label": 3.0, "picture": 0.25}),
    Dynamic(factor=3.0, patience=1, tolerance=0.5),
    Sequential(("picture", "numbers")),
]
needs_native = pytest.mark.skipif(compiled_engine() is None, reason="the native engine is not compiled")
ENGINES = [EagerEngine, pytest.param(NativeEngine, marks=needs_native)]


@needs_native
@pytest.mark.parametrize("balancer", WEIGHING, ids=repr)
@pytest.mark.parametrize("missing", [False, True])
def test_both_engines_lose_the_same(balancer: Balancer, missing: bool) -> None:
    problem = make_problem(missing=missing)
    options = TrainingOptions(balancer=balancer, check_every=10, learning_rate=1e-3)
    eager, native = (
        train(make_model(), problem, budget=Budget(steps=40), seed=0, options=replace(options, engine=engine))
        for engine in ("eager", "native")
    )
    assert (eager.engine, native.engine) == ("eager", "native")
    for (step, one), (again, other) in zip(eager.curve, native.curve, strict=True):
        assert step == again
        assert one == pytest.approx(other, rel=1e-3)


@pytest.mark.parametrize("balancer", [Scaled(), Uncertainty()], ids=["scaled", "uncertainty"])
def test_an_output_that_another_drowns_is_heard(balancer: Balancer) -> None:
    problem = two_outputs(loudness=100.0)
    for seed in range(2):
        plain, mended = (losses_after(problem, b, seed=seed)["quiet"] for b in (Static(), balancer))
        assert mended < 0.5 * plain


def test_the_first_output_trains_first() -> None:
    problem = two_outputs()
    model = build(shared_trunk(problem), seed=0)
    options = TrainingOptions(balancer=Sequential(("quiet", "loud"), patience=50), check_every=10)
    curve = dict(train(model, problem, budget=Budget(steps=300), seed=0, options=options).curve)
    assert curve[100]["quiet"] < 0.7 * curve[0]["quiet"]
    assert curve[200]["loud"] < 0.95 * curve[100]["loud"]


def test_a_training_does_not_converge_before_every_output_has_had_its_turn() -> None:
    problem = two_outputs()
    options = TrainingOptions(
        balancer=Sequential(patience=30), check_every=1, patience=2, tolerance=0.9, converged="every"
    )
    model = build(shared_trunk(problem), seed=0)
    trained = train(model, problem, budget=Budget(steps=90), seed=0, options=options)
    assert (trained.reason, trained.steps) == ("converged", 63)
    assert trained.converged == {"loud": 63, "quiet": 63}


def test_turns_are_shares_of_whatever_limits_the_steps() -> None:
    problem = two_outputs()
    model = build(shared_trunk(problem), seed=0)
    options = TrainingOptions(balancer=Sequential(patience=1000), check_every=10, patience=1000)
    by_steps = train(model, problem, budget=Budget(steps=90), seed=0, options=options)
    by_macs = train(model, problem, budget=Budget(macs=by_steps.macs), seed=0, options=options)
    before = model.state_dict()
    assert by_macs.steps == 90
    assert not torch.equal(by_macs.model.state_dict()["networks.n2.bias_0"], before["networks.n2.bias_0"])


@pytest.mark.parametrize("engine", ENGINES)
def test_the_kl_of_a_decoder_weighs_as_its_output(engine: type[EagerEngine] | type[NativeEngine]) -> None:
    rows = torch.arange(64)
    none, once, twice = (
        engine(task_of(Static({"picture": weight}), beta=5.0)).gradients(rows) for weight in (0.0, 1.0, 2.0)
    )
    decoder = [name for name in once if name.startswith("networks.n4.")]
    assert decoder
    for name in decoder:
        assert not none[name].any()
        assert once[name].any()
        torch.testing.assert_close(twice[name], 2 * once[name])


def test_dynamic_turns_to_what_has_not_converged() -> None:
    problem = two_outputs()
    balancer = Dynamic(factor=2.0, patience=1, tolerance=0.02)
    balances = []

    class Watched:
        def start(self, *args: object, **options: object) -> object:
            balances.append(balancer.start(*args, **options))  # type: ignore[arg-type]
            return balances[-1]

    options = TrainingOptions(balancer=Watched(), check_every=20, patience=1000)  # type: ignore[arg-type]
    train(build(shared_trunk(problem), seed=0), problem, budget=Budget(steps=400), seed=0, options=options)
    weights = balances[-1].weights({})
    assert weights["quiet"] > 1.5 > weights["loud"]


@pytest.mark.parametrize(
    "balancer", [Static({"labels": 2.0}), Sequential(("labels",))], ids=["static", "sequential"]
)
def test_outputs_that_there_are_not_are_refused(balancer: Balancer) -> None:
    options = TrainingOptions(balancer=balancer)
    with pytest.raises(InputError, match="label, numbers, picture, came labels"):
        train(make_model(), PROBLEM, budget=Budget(steps=1), seed=0, options=options)


@pytest.mark.parametrize("balancer", BALANCERS.values(), ids=BALANCERS.keys())
def test_a_part_trains_by_every_strategy(balancer: Balancer) -> None:
    part = frozenset({"n2", "n4"})
    model = make_model()
    options = TrainingOptions(balancer=balancer)
    trained = train(model, PROBLEM, budget=Budget(steps=30), seed=0, options=options, trainable=part)
    for name, value in trained.model.state_dict().items():
        owner = name.split(".")[1] if name.startswith("networks.") else name.rpartition("gain_")[2]
        assert torch.equal(value, model.state_dict()[name]) == (owner not in part)

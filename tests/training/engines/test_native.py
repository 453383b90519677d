"""How the native engine behaves: what it touches, what it leaves, and what it gives back."""

from __future__ import annotations

import copy
import math
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from tests.training.engines.cases import (
    both_engines,
    make_task,
    rich_problem,
    some_rows,
    whole_architecture,
)
from tests.training.problems import equal_weights
from tests.variation.samples import rough_model
from torch import Tensor

from graftwork.errors import InputError, RunError
from graftwork.model import HeterogeneousModel
from graftwork.runtime import Budget
from graftwork.training import Trained, TrainingOptions, split_losses, train
from graftwork.training.engines import EagerEngine, EngineName, NativeEngine, native_hindrance
from graftwork.training.part import is_trained

pytestmark = pytest.mark.skipif(
    (hindrance := native_hindrance(make_task(whole_architecture()))) is not None, reason=str(hindrance)
)
ENGINES: tuple[EngineName, ...] = ("native", "eager")
STATM = Path("/proc/self/statm")


def trained(
    model: HeterogeneousModel,
    engine: EngineName = "native",
    *,
    part: set[str] | None = None,
    **options: object,
) -> Trained:
    """A model after 30 steps on the rich problem."""
    return train(
        model,
        rich_problem(),
        budget=Budget(steps=30),
        seed=0,
        options=TrainingOptions(engine=engine, **{"check_every": 10, **options}),  # type: ignore[arg-type]
        trainable=None if part is None else frozenset(part),
    )


def made_model() -> HeterogeneousModel:
    return rough_model(whole_architecture(), 0)


def weights(model: HeterogeneousModel) -> dict[str, Tensor]:
    return copy.deepcopy(model.state_dict())


@pytest.mark.parametrize("name", ["networks.n0.bias_1", "networks.n4.latent_bias", "outputs.digit.gain_n2"])
@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_changes_no_weight(name: str, number: float) -> None:
    model = made_model()
    with torch.no_grad():
        model.get_parameter(name).view(-1)[0] = number
    before = weights(model)
    engine = NativeEngine(make_task(whole_architecture(), model=model))
    assert not math.isfinite(engine.step(some_rows(), 1e-2).total({}))
    for parameter, value in model.state_dict().items():
        assert torch.equal(value.nan_to_num(7.0), before[parameter].nan_to_num(7.0)), parameter


@pytest.mark.parametrize("engine", ENGINES)
def test_a_loss_that_is_not_finite_ends_training(engine: EngineName) -> None:
    ended = trained(made_model(), engine, learning_rate=1e30, check_every=1)
    assert ended.reason == "not finite"
    assert ended.steps <= 2
    assert all(bool(value.isfinite().all()) for value in ended.model.state_dict().values())


@pytest.mark.parametrize("part", [{"n1"}, {"n4"}, {"n2", "n6"}])
def test_what_is_frozen_keeps_every_bit_and_what_is_trained_does_not(part: set[str]) -> None:
    model = made_model()
    after = trained(model, part=part).model.state_dict()
    for name, value in model.state_dict().items():
        assert torch.equal(value, after[name]) != is_trained(name, frozenset(part)), name


def test_the_model_that_came_stays_as_it_is() -> None:
    model = made_model()
    before, storages = weights(model), [p.data_ptr() for p in model.parameters()]
    trained(model)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert storages == [p.data_ptr() for p in model.parameters()]


def test_parameters_own_their_storage_afterwards(tmp_path: Path) -> None:
    model = trained(made_model()).model
    parameters = list(model.parameters())
    assert all(p.untyped_storage().nbytes() == p.numel() * p.element_size() for p in parameters)
    assert len({p.untyped_storage().data_ptr() for p in parameters}) == len(parameters)
    save_file(model.state_dict(), tmp_path / "weights.safetensors")
    loaded = load_file(tmp_path / "weights.safetensors")
    assert all(torch.equal(value, loaded[name]) for name, value in model.state_dict().items())


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("best", range(4))
def test_the_best_weights_come_back(engine: EngineName, best: int) -> None:
    judged = iter([0.0 if look == best else 1.0 + look for look in range(4)])
    ended = train(
        made_model(),
        rich_problem(),
        budget=Budget(steps=30),
        seed=0,
        options=TrainingOptions(engine=engine, check_every=10),
        criterion=lambda _: next(judged),
    )
    losses = split_losses(ended.model, rich_problem(), rich_problem().validation)
    assert losses == pytest.approx(ended.curve[best][1], rel=1e-5)
    assert losses != pytest.approx(ended.curve[best - 1][1], rel=1e-3)


def test_a_criterion_sees_the_weights_of_the_moment() -> None:
    problem, seen = rich_problem(), []

    def criterion(model: HeterogeneousModel) -> float:
        seen.append(split_losses(model, problem, problem.validation))
        return -float(len(seen))

    options = TrainingOptions(engine="native", check_every=10)
    ended = train(
        made_model(), problem, budget=Budget(steps=30), seed=0, options=options, criterion=criterion
    )
    assert len(seen) == 4
    for (_, look), losses in zip(ended.curve, seen, strict=True):
        assert losses == pytest.approx(look, rel=1e-5)
    assert seen[0] != pytest.approx(seen[-1], rel=1e-3)


@pytest.mark.parametrize("rows", [700, 1280, 2000])
def test_a_look_reads_more_rows_than_fit_at_once(rows: int) -> None:
    problem = rich_problem(rows=rows)
    native, eager = both_engines(whole_architecture(), problem=problem, batch_size=8)
    assert problem.validation.rows >= 140
    came, expected = native.look(), eager.look()
    assert came.outputs == pytest.approx(expected.outputs, rel=1e-5)
    assert came.latent == pytest.approx(expected.latent, rel=1e-5)


def test_a_batch_that_is_larger_than_all_training_rows_holds_each_once() -> None:
    ended = [trained(made_model(), engine, batch_size=10**6) for engine in ENGINES]
    small = trained(made_model(), batch_size=rich_problem().train.rows)
    assert equal_weights(ended[0].model, small.model)
    assert ended[0].macs == ended[1].macs == small.macs
    for (_, first), (_, second) in zip(ended[0].curve, ended[1].curve, strict=True):
        assert first == pytest.approx(second, rel=1e-3)


@pytest.mark.parametrize(("part", "reached"), [({"n7"}, {"digit", "kind"}), ({"n6"}, {"image"})])
def test_a_part_trains_the_outputs_that_it_reaches(part: set[str], reached: set[str]) -> None:
    native, eager = (trained(made_model(), engine, part=part) for engine in ENGINES)
    assert set(native.curve[0][1]) == reached
    for (_, first), (_, second) in zip(native.curve, eager.curve, strict=True):
        assert first == pytest.approx(second, rel=1e-4)


def test_two_engines_at_once_do_what_each_does_alone() -> None:
    first, second = made_model(), rough_model(whole_architecture("gelu", hidden=1), 1)
    alone = [copy.deepcopy(model) for model in (first, second)]
    for model in alone:
        engine = NativeEngine(make_task(model.architecture, model=model))
        for step in range(5):
            engine.step(some_rows(step), 1e-2)
    together = [NativeEngine(make_task(m.architecture, model=m)) for m in (first, second)]
    for step in range(5):
        for engine in together:
            engine.step(some_rows(step), 1e-2)
            engine.look()
    assert equal_weights(first, alone[0])
    assert equal_weights(second, alone[1])


def test_two_trainings_agree_in_every_bit() -> None:
    first, second = (trained(made_model()) for _ in range(2))
    assert equal_weights(first.model, second.model)
    assert first.curve == second.curve


@pytest.mark.skipif(not STATM.exists(), reason="the size of a process is read from /proc")
def test_memory_is_released() -> None:
    def resident() -> int:
        return int(STATM.read_text().split()[1]) * 4096

    task = make_task(whole_architecture(), batch_size=1024)

    def make(count: int) -> None:
        for index in range(count):
            engine = NativeEngine(task)
            engine.step(some_rows(), 1e-3)
            if index % 2:
                engine.finish()

    make(20)
    before = resident()
    make(200)
    # One engine of this model takes 6 MB.
    assert resident() - before < 40e6


@pytest.mark.parametrize("flushed", [False, True])
def test_denormal_numbers_are_treated_outside_as_before(flushed: bool) -> None:
    if not torch.set_flush_denormal(flushed):
        pytest.skip("this processor does not flush denormal numbers")
    engine = NativeEngine(make_task(whole_architecture()))
    engine.step(some_rows(), 1e-3)
    engine.look()
    halved = torch.full((64,), 1.5e-38) * 0.25
    assert bool((halved == 0).all()) == flushed


def test_gradients_change_no_weight_and_no_later_step() -> None:
    models = [made_model(), made_model()]
    native, eager = (make_task(m.architecture, model=m) for m in models)
    for engine in (NativeEngine(native), EagerEngine(eager)):
        engine.step(some_rows(), 1e-2)
        before = weights(engine._task.model)
        engine.gradients(some_rows())
        assert all(torch.equal(value, before[n]) for n, value in engine._task.model.state_dict().items())
        engine.step(some_rows(1), 1e-2)
    came, expected = (model.state_dict() for model in models)
    assert all(torch.allclose(came[name], expected[name], atol=1e-4) for name in expected)


def test_rows_need_not_lie_side_by_side() -> None:
    apart = torch.arange(96)[::2]
    first, second = (NativeEngine(make_task(whole_architecture())) for _ in range(2))
    assert first.step(apart, 1e-3) == second.step(apart.contiguous(), 1e-3)


@pytest.mark.parametrize("rows", [torch.arange(65), torch.arange(8, dtype=torch.int32)])
def test_rows_that_do_not_fit_are_refused(rows: Tensor) -> None:
    engine = NativeEngine(make_task(whole_architecture(), batch_size=64))
    with pytest.raises(InputError, match="64 rows at most"):
        engine.step(rows, 1e-3)


def test_an_engine_that_has_finished_is_not_asked_again() -> None:
    engine = NativeEngine(make_task(whole_architecture()))
    engine.finish()
    with pytest.raises(RunError, match="finished"):
        engine.step(some_rows(), 1e-3)

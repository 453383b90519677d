"""Which engine trains a model, and what is said where it is not the one expected."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
import torch
from tests.training.engines.cases import make_task, needs_float64, rich_problem, whole_architecture
from tests.training.problems import PROBLEM, equal_weights, make_model
from tests.variation.samples import rough_model

from graftwork.architecture import Architecture, SearchSpace, random_architecture
from graftwork.errors import InputError, RunError
from graftwork.evaluation import evaluate
from graftwork.model import build
from graftwork.runtime import Budget
from graftwork.training import BALANCERS, TrainingOptions, engines, train
from graftwork.training.engines import EagerEngine, EngineName, NativeEngine, make_engine, native_hindrance
from graftwork.training.engines.native import library

compiled = pytest.mark.skipif(library.compiled_engine() is None, reason="no compiled engine")


@pytest.fixture(autouse=True)
def _nothing_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_told", set())


def convolutional() -> Architecture:
    space = SearchSpace.modern(convolutions=(True,), min_parameters=1)
    architecture = random_architecture(rich_problem(), space, seed=1)
    assert any(network.is_convolutional for network in architecture.networks)
    return architecture


@compiled
def test_native_is_what_auto_means() -> None:
    task = make_task(whole_architecture())
    assert isinstance(make_engine(task), NativeEngine)
    assert isinstance(make_engine(task, "native"), NativeEngine)
    assert isinstance(make_engine(task, "eager"), EagerEngine)


@compiled
def test_convolutions_train_by_pytorch_and_that_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="graftwork"):
        made = [make_engine(make_task(convolutional(), seed=seed)) for seed in range(3)]
    assert all(isinstance(engine, EagerEngine) for engine in made)
    (record,) = caplog.records
    assert "PyTorch" in record.getMessage()
    assert "convolutional encoder" in record.getMessage()


@compiled
def test_native_is_refused_where_it_does_not_cover_a_network() -> None:
    with pytest.raises(InputError, match="does not cover convolutional"):
        make_engine(make_task(convolutional()), "native")


def test_without_a_compiler_everything_trains_by_pytorch_and_that_is_said_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for module in (engines, library):
        monkeypatch.setattr(module, "compiled_engine", lambda precision: None)
    with caplog.at_level(logging.WARNING, logger="graftwork"):
        for architecture in (whole_architecture(), convolutional()):
            model = build(architecture, seed=0)
            trained = train(model, rich_problem(), budget=Budget(steps=3), seed=0)
            assert (trained.engine, trained.steps, trained.reason) == ("eager", 3, "budget")
    (record,) = caplog.records
    assert "not compiled" in record.getMessage()
    with pytest.raises(InputError, match="C\\+\\+ compiler"):
        make_engine(make_task(whole_architecture()), "native")
    with pytest.raises(RunError, match="not compiled"):
        NativeEngine(make_task(whole_architecture()))


@compiled
def test_the_reference_is_taken_without_a_word_where_it_was_asked_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    pytest.importorskip("torchjd")
    aggregated = make_task(whole_architecture(), balancer=BALANCERS["mgda"])
    with caplog.at_level(logging.WARNING, logger="graftwork"):
        assert isinstance(make_engine(aggregated), EagerEngine)
        make_engine(make_task(convolutional()), "eager")
    assert not caplog.records
    with pytest.raises(InputError, match="aggregated"):
        make_engine(aggregated, "native")


@compiled
@needs_float64
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_native_engine_computes_in_the_numbers_of_the_model(dtype: torch.dtype) -> None:
    model = make_model().to(dtype)
    trained = train(model, PROBLEM.to(dtype), budget=Budget(steps=2), seed=0)
    assert trained.engine == "native"
    assert {parameter.dtype for parameter in trained.model.parameters()} == {dtype}


@compiled
def test_an_installation_without_float64_trains_it_by_pytorch_and_that_is_said_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    found = {"float32": library.compiled_engine("float32")}
    for module in (engines, library):
        monkeypatch.setattr(module, "compiled_engine", found.get)
    single, double = (make_task(whole_architecture(), dtype=t) for t in (torch.float32, torch.float64))
    with caplog.at_level(logging.WARNING, logger="graftwork"):
        assert isinstance(make_engine(single), NativeEngine)
        assert all(isinstance(make_engine(double), EagerEngine) for _ in range(2))
    (record,) = caplog.records
    assert "not compiled for float64" in record.getMessage()
    with pytest.raises(RunError, match="not compiled for float64"):
        NativeEngine(double)


def test_half_precision_is_not_for_the_native_engine() -> None:
    rows, model = rich_problem(), build(whole_architecture(), seed=0).half()
    halved = replace(rows, train=rows.train.to(torch.half), validation=rows.validation.to(torch.half))
    task = make_task(whole_architecture(), model=model, problem=halved)
    assert native_hindrance(task) == "numbers are float16, not float32 or float64"


@pytest.mark.parametrize("engine", ["native", "eager"])
def test_a_model_of_other_numbers_than_the_rows_is_refused(engine: EngineName) -> None:
    partly = make_model()
    partly.networks["n1"].double()
    options = TrainingOptions(engine=engine)
    for model, problem, told in (
        (make_model().double(), PROBLEM, "float64 for rows of float32"),
        (make_model(), PROBLEM.to(torch.float64), "float32 for rows of float64"),
        (partly, PROBLEM, "float32 and float64 for rows of float32"),
    ):
        with pytest.raises(InputError, match=told):
            train(model, problem, budget=Budget(steps=1), seed=0, options=options)
        with pytest.raises(InputError, match=told):
            evaluate(model, problem)


@compiled
def test_memory_of_other_numbers_is_never_read() -> None:
    task = make_task(whole_architecture())
    for wrong in (
        replace(task, model=make_task(whole_architecture(), dtype=torch.float64).model),
        replace(task, looked_at=task.looked_at.to(torch.float64)),
        replace(task, known={"n0": torch.zeros(1, 8, dtype=torch.float64)}),
    ):
        with pytest.raises(InputError, match="float64"):
            NativeEngine(wrong)


@pytest.mark.parametrize("engine", [pytest.param("native", marks=compiled), "eager"])
def test_the_default_type_of_pytorch_changes_nothing(engine: EngineName) -> None:
    model, options = rough_model(whole_architecture(), 0), TrainingOptions(engine=engine)
    trained = []
    try:
        for dtype in (torch.float32, torch.float64):
            torch.set_default_dtype(dtype)
            trained.append(train(model, rich_problem(), budget=Budget(steps=5), seed=0, options=options))
    finally:
        torch.set_default_dtype(torch.float32)
    assert trained[0].engine == trained[1].engine == engine
    assert equal_weights(trained[0].model, trained[1].model)


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(InputError, match="auto, native or eager, came 'jax'"):
        make_engine(make_task(whole_architecture()), "jax")  # type: ignore[arg-type]


@pytest.mark.parametrize("engine", [pytest.param("native", marks=compiled), "eager"])
def test_what_trained_is_told(engine: EngineName) -> None:
    options = TrainingOptions(engine=engine)
    assert train(make_model(), PROBLEM, budget=Budget(steps=2), seed=0, options=options).engine == engine

"""Which engine trains a model, and what is said where it is not the one expected."""

from __future__ import annotations

import logging

import pytest
import torch
from tests.training.engines.cases import make_task, rich_problem, whole_architecture
from tests.training.problems import PROBLEM, make_model

from graftwork.architecture import Architecture, SearchSpace, random_architecture
from graftwork.errors import InputError, RunError
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
        monkeypatch.setattr(module, "compiled_engine", lambda: None)
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
def test_other_numbers_than_float32_are_not_for_the_native_engine() -> None:
    assert native_hindrance(make_task(whole_architecture())) is None
    model = build(whole_architecture(), seed=0)
    double = make_task(whole_architecture())
    double.model.double()
    assert "float32" in str(native_hindrance(double))
    single = make_task(whole_architecture(), model=model)
    torch.set_default_dtype(torch.float64)  # in which latents and dropped units are drawn
    try:
        assert "float32" in str(native_hindrance(single))
    finally:
        torch.set_default_dtype(torch.float32)


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(InputError, match="auto, native or eager, came 'jax'"):
        make_engine(make_task(whole_architecture()), "jax")  # type: ignore[arg-type]


@pytest.mark.parametrize("engine", [pytest.param("native", marks=compiled), "eager"])
def test_what_trained_is_told(engine: EngineName) -> None:
    options = TrainingOptions(engine=engine)
    assert train(make_model(), PROBLEM, budget=Budget(steps=2), seed=0, options=options).engine == engine

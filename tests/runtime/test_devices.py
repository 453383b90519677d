"""Devices: those of this machine, and everything works on each of them."""

from __future__ import annotations

import pytest
import torch
from tests.variation.samples import rough_model, small_architecture, small_problem

from graftwork.diagnosis import diagnose
from graftwork.errors import InputError
from graftwork.evaluation import evaluate
from graftwork.runtime import Budget, usable_device
from graftwork.training import TrainingOptions, split_losses, train

ELSEWHERE = pytest.param(
    "cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device")
)


@pytest.mark.parametrize("name", ["meta", "nonsense", "cuda:99"])
def test_a_device_that_cannot_be_used_is_refused(name: str) -> None:
    with pytest.raises(InputError, match=f"device '{name}' cannot be used on this machine"):
        usable_device(name)
    with pytest.raises(InputError, match=name):
        train(
            rough_model(small_architecture(0), 0),
            small_problem(),
            budget=Budget(steps=1),
            seed=0,
            options=TrainingOptions(device=name),
        )


@pytest.mark.parametrize("name", ["cpu", ELSEWHERE])
def test_a_model_is_trained_judged_and_diagnosed_where_it_is(name: str) -> None:
    model, problem = rough_model(small_architecture(0), 0), small_problem()
    options = TrainingOptions(engine="eager", device=name)
    found = train(model, problem, budget=Budget(steps=20), seed=0, options=options)
    here = train(model, problem, budget=Budget(steps=20), seed=0, options=TrainingOptions(engine="eager"))
    assert found.model.device.type == name
    assert model.device.type == "cpu"
    scores, expected = (evaluate(each.model, problem) for each in (found, here))
    for output, score in scores.items():
        assert score.skill == pytest.approx(expected[output].skill, abs=1e-3)
    losses = split_losses(found.model, problem, problem.validation)
    assert losses == pytest.approx(split_losses(here.model, problem, problem.validation), rel=1e-3)
    findings = (diagnose(each.model, problem, repeats=2).findings for each in (found, here))
    for one, other in zip(*findings, strict=True):
        assert one.value == pytest.approx(other.value, abs=1e-3)

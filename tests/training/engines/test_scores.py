"""What the two engines make of a model in a hundred steps scores the same."""

from __future__ import annotations

import copy
from itertools import product

import pytest
import torch
from tests.training.engines.cases import (
    SPACES,
    drawn_architecture,
    make_task,
    rich_problem,
    whole_architecture,
)

from graftwork.evaluation import evaluate
from graftwork.model import HeterogeneousModel, build
from graftwork.runtime import Budget, torch_generator
from graftwork.training import TrainingOptions, train
from graftwork.training.engines import EngineName, native_hindrance

pytestmark = pytest.mark.skipif(
    (hindrance := native_hindrance(make_task(whole_architecture()))) is not None, reason=str(hindrance)
)

ARCHITECTURES = [*product(range(25), SPACES)]
AGREED = 1e-3
MOST_CHAOTIC = 3


def skills(model: HeterogeneousModel, engine: EngineName, seed: int) -> dict[str, float]:
    """Skill of every output, by both of its metrics, after a hundred steps."""
    options = TrainingOptions(engine=engine, batch_size=32, check_every=50)
    trained = train(model, rich_problem(), budget=Budget(steps=100), seed=seed, options=options)
    assert (trained.steps, trained.engine) == (100, engine)
    scores = evaluate(trained.model, rich_problem())
    decisions = {name: score.decision_skill for name, score in scores.items()}
    return decisions | {f"{name} primary": score.skill for name, score in scores.items()}


def distance(first: dict[str, float], second: dict[str, float]) -> float:
    return max(abs(value - second[name]) for name, value in first.items())


def nudged(model: HeterogeneousModel, seed: int) -> HeterogeneousModel:
    """The same model with each weight moved by one rounding."""
    noise, other = torch_generator(seed, 0, "nudge"), copy.deepcopy(model)
    with torch.no_grad():
        for parameter in other.parameters():
            parameter *= 1 + 6e-8 * torch.randn(parameter.shape, generator=noise).sign()
    return other


def test_scores_agree_after_a_hundred_steps() -> None:
    """To 1e-3 on fifty random architectures, save where rounding alone decides.

    Where a unit of a rectifier stands within a rounding of its kink, training is chaotic: the reference
    engine, started one rounding away, ends elsewhere too. That is held against the difference, and there may
    be but few such models.
    """
    chaotic = 0
    for seed, space in ARCHITECTURES:
        model = build(drawn_architecture(seed, space), seed=seed)
        reference = skills(model, "eager", seed)
        difference = distance(skills(model, "native", seed), reference)
        if difference > AGREED:
            chaotic += 1
            moved = max(distance(skills(nudged(model, s), "eager", seed), reference) for s in range(6))
            assert difference <= 3 * moved, f"{space.name}, seed {seed}: {difference:.1e}, moved {moved:.1e}"
    assert len(ARCHITECTURES) == 50
    assert chaotic <= MOST_CHAOTIC

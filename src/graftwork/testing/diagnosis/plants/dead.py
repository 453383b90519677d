"""A dead network."""

from __future__ import annotations

from dataclasses import replace

import torch

from graftwork.architecture import Layer
from graftwork.model import build
from graftwork.runtime import Budget, generator
from graftwork.testing.diagnosis._models import (
    EXTRA,
    HEADS,
    READERS,
    STEPS,
    block_architecture,
    reader,
    with_reader,
)
from graftwork.testing.diagnosis._problem import BLOCKS, OUTPUTS, block_problem
from graftwork.testing.diagnosis.planted import Planted
from graftwork.training import train

_FAR = -100.0


def dead(seed: int) -> Planted:
    """A second reader of an input whose rectified units are never above zero, from before training on."""
    problem, rng = block_problem(seed), generator(seed, 0, "plant")
    extra = reader(EXTRA, rng)
    extra = replace(extra, hidden=(Layer(extra.hidden[0].width, "relu"),))
    block = BLOCKS[int(rng.integers(len(BLOCKS)))]
    model = build(with_reader(block_architecture(problem, seed), extra, block), seed=seed)
    with torch.no_grad():
        model.get_parameter(f"networks.{EXTRA}.bias_0").fill_(_FAR)
    model = train(model, problem, budget=Budget(steps=STEPS), seed=seed).model
    return Planted(model=model, problem=problem, parts=(EXTRA,), others=(*READERS, *HEADS), outputs=OUTPUTS)

"""A network trained away: its weights shuffled after training."""

from __future__ import annotations

import copy

import torch

from graftwork.runtime import generator, torch_generator
from graftwork.testing.diagnosis._models import HEADS, READERS, block_architecture, trained
from graftwork.testing.diagnosis._problem import OUTPUTS, block_problem
from graftwork.testing.diagnosis.planted import Planted


def shuffled(seed: int) -> Planted:
    """A reader each of whose parameters has its numbers in an order of chance, after training."""
    problem = block_problem(seed)
    model = copy.deepcopy(trained(block_architecture(problem, seed), problem, seed))
    lost = READERS[int(generator(seed, 0, "plant").integers(len(READERS)))]
    draw = torch_generator(seed, 0, "shuffle")
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.startswith(f"networks.{lost}."):
                order = torch.randperm(parameter.numel(), generator=draw)
                parameter.copy_(parameter.flatten()[order].reshape(parameter.shape))
    others = tuple(name for name in (*READERS, *HEADS) if name != lost)
    return Planted(model=model, problem=problem, parts=(lost,), others=others, outputs=OUTPUTS)

"""A bottleneck of one unit."""

from __future__ import annotations

from dataclasses import replace

from graftwork.runtime import generator
from graftwork.testing.diagnosis._models import HEADS, READERS, block_architecture, trained
from graftwork.testing.diagnosis._problem import OUTPUTS, block_problem
from graftwork.testing.diagnosis.planted import Planted


def bottleneck(seed: int) -> Planted:
    """A reader whose hidden layer has a single unit, as wide behind it as the others are."""
    problem = block_problem(seed)
    architecture = block_architecture(problem, seed)
    narrow = READERS[int(generator(seed, 0, "plant").integers(len(READERS)))]
    networks = tuple(
        replace(network, hidden=(replace(network.hidden[0], width=1, activation="tanh"),))
        if network.name == narrow
        else network
        for network in architecture.networks
    )
    model = trained(replace(architecture, networks=networks), problem, seed)
    others = tuple(name for name in (*READERS, *HEADS) if name != narrow)
    return Planted(model=model, problem=problem, parts=(narrow,), others=others, outputs=OUTPUTS)

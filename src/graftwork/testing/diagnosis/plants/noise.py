"""A network fed by a noise input."""

from __future__ import annotations

from graftwork.runtime import generator
from graftwork.testing.diagnosis._models import (
    EXTRA,
    HEADS,
    READERS,
    block_architecture,
    reader,
    trained,
    with_reader,
)
from graftwork.testing.diagnosis._problem import NOISE, OUTPUTS, block_problem
from graftwork.testing.diagnosis.planted import Planted


def noise(seed: int) -> Planted:
    """Both heads hear a network that reads what says nothing of their outputs."""
    problem = block_problem(seed)
    extra = reader(EXTRA, generator(seed, 0, "plant"))
    architecture = with_reader(block_architecture(problem, seed), extra, NOISE)
    model = trained(architecture, problem, seed)
    return Planted(model=model, problem=problem, parts=(EXTRA,), others=(*READERS, *HEADS), outputs=OUTPUTS)

"""A network that only an irrelevant output needs."""

from __future__ import annotations

from dataclasses import replace

from graftwork.architecture import Connection, Layer, Network
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

_HEAD = "n6"


def irrelevant(seed: int) -> Planted:
    """All heads hear a network of which a third output, of no interest, has all that it knows.

    The others hear it for nothing, so that the graph does not give it away. That output's head, which is of
    no use to the others by its place alone, is not among those that it is told from.
    """
    problem = block_problem(seed, aside=True)
    extra = reader(EXTRA, generator(seed, 0, "plant"))
    architecture = with_reader(block_architecture(problem, seed), extra, NOISE)
    architecture = replace(
        architecture,
        networks=(*architecture.networks, Network(_HEAD, "regressor", 1, (Layer(8, "relu"),))),
        connections=(*architecture.connections, Connection(EXTRA, _HEAD), Connection(_HEAD, "aside")),
    )
    model = trained(architecture, problem, seed)
    return Planted(model=model, problem=problem, parts=(EXTRA,), others=(*READERS, *HEADS), outputs=OUTPUTS)

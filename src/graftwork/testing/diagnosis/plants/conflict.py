"""Two outputs with opposing targets that share a network."""

from __future__ import annotations

from graftwork.architecture import Architecture, Connection, Network, interface
from graftwork.runtime import generator
from graftwork.testing.diagnosis._models import reader, trained
from graftwork.testing.diagnosis._problem import BLOCKS, pair_problem
from graftwork.testing.diagnosis.planted import Planted

_READERS, _SHARED = ("n0", "n1", "n2"), ("n3", "n4", "n5")


def conflict(seed: int) -> Planted:
    """Three pairs of outputs, each answered by one unit that its two outputs share.

    The targets of one pair oppose each other, those of the others agree; what serves the former is planted.
    """
    problem, rng = pair_problem(seed), generator(seed, 0, "architecture")
    readers = tuple(reader(name, rng) for name in _READERS)
    shared = tuple(Network(name, "regressor", 1) for name in _SHARED)
    ways = [
        connection
        for block, first, second in zip(BLOCKS, _READERS, _SHARED, strict=True)
        for connection in (
            Connection(block, first),
            Connection(first, second),
            Connection(second, f"{block}_one"),
            Connection(second, f"{block}_two"),
        )
    ]
    model = trained(Architecture(*interface(problem), (*readers, *shared), tuple(ways)), problem, seed)
    return Planted(
        model=model,
        problem=problem,
        parts=(_READERS[0], _SHARED[0]),
        others=(*_READERS[1:], *_SHARED[1:]),
        outputs=tuple(problem.outputs),
        question="in conflict",
    )

"""A copy of a network."""

from __future__ import annotations

from graftwork.model import inherit
from graftwork.runtime import generator
from graftwork.testing.diagnosis._models import HEADS, READERS, block_architecture, trained, trained_on
from graftwork.testing.diagnosis._problem import OUTPUTS, block_problem
from graftwork.testing.diagnosis.planted import Planted
from graftwork.variation import OPERATORS, Refusal, Site


def copy(seed: int) -> Planted:
    """A reader and its clone, which share its receivers; both were trained on, so that they have grown apart.

    Either can go for the other, so that both count as planted.
    """
    problem = block_problem(seed)
    model = trained(block_architecture(problem, seed), problem, seed)
    original = READERS[int(generator(seed, 0, "plant").integers(len(READERS)))]
    cloned = OPERATORS["clone_network"].apply(model.architecture, Site("network", (original,)), seed=seed)
    assert not isinstance(cloned, Refusal), cloned.reason
    (clone,) = cloned.architecture.network_names - model.architecture.network_names
    model = trained_on(inherit(model, cloned, seed=seed), problem, seed)
    others = tuple(name for name in (*READERS, *HEADS) if name != original)
    return Planted(model=model, problem=problem, parts=(original, clone), others=others, outputs=OUTPUTS)

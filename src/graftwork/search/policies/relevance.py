"""The published heuristic: reduce where parts are irrelevant, increase where they are relevant."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from graftwork.diagnosis import relevance_ranks
from graftwork.search.policies._base import Choice, Situation, uniform_choice

REDUCING = ("delete_connection", "bypass_network", "reinitialise_network")
INCREASING = ("add_connection", "divide_connection")
_LEAST = 1 / 3


class RelevancePolicy:
    """Reduces at a network that ranks among the least relevant for every output, else increases near the
    most relevant one.

    Among the least relevant is the lowest third of the ranks. The network to reduce at is drawn by its
    irrelevance; the one to increase near is drawn among the most relevant of each output.

    Source: the heuristic of the group of Garciarena, Santana and Mendiburu (IEEE TNNLS 2023), on relevance
        by randomised weights.
    """

    name: ClassVar[str] = "relevance"
    needs_diagnosis: ClassVar[bool] = True

    def choose(self, situation: Situation, rng: np.random.Generator) -> Choice:
        """An operator and a site."""
        diagnosis = situation.parent.outcome.diagnosis
        if diagnosis is None:
            return uniform_choice(situation.options(), rng)
        ranks = relevance_ranks(diagnosis, "relevance_weights")
        useless = {name: 1.0 - max(of.values()) for name, of in ranks.items() if max(of.values()) <= _LEAST}
        if len(ranks) > 1 and useless:
            names, weights = list(useless), np.array(list(useless.values()))
            network = names[int(rng.choice(len(names), p=weights / weights.sum()))]
            return _near(situation, REDUCING, network, rng)
        outputs = sorted(next(iter(ranks.values())))
        output = outputs[int(rng.integers(len(outputs)))]
        return _near(situation, INCREASING, max(ranks, key=lambda name: ranks[name][output]), rng)


def _near(situation: Situation, operators: tuple[str, ...], network: str, rng: np.random.Generator) -> Choice:
    options = [choice for choice in situation.options() if choice.operator.name in operators]
    near = [choice for choice in options if network in choice.site.nodes]
    return uniform_choice(near or options or situation.options(), rng)

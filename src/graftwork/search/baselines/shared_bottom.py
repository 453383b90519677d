"""A shared bottom: one network that all outputs read, each through a head of its own (Caruana 1997)."""

from __future__ import annotations

from graftwork.architecture import Architecture, Connection, Network, interface, parameter_count
from graftwork.problem import Problem
from graftwork.search.baselines._base import Baseline
from graftwork.search.baselines.networks import (
    DROPOUT,
    assembled,
    generator,
    predictor,
    relu_layers,
    trained_scores,
    widest,
)
from graftwork.search.settings import SearchSettings


class SharedBottom:
    """One model of the size of the searched one: a bottom of two equal layers, a head of one for each output.

    The usual way to answer several outputs with one model, and what a search has to better.
    """

    name = "shared_bottom"
    title = "a shared bottom"
    says = "one bottom of two layers with a head for each output, as large as the one model"

    def fit(self, problem: Problem, *, parameters: int, settings: SearchSettings, seed: int) -> Baseline:
        """Train it as the searched model is in the end."""
        architecture = widest(lambda width: shared_bottom(problem, width), parameters)
        scores = trained_scores(architecture, problem, settings, seed=seed, name=self.name)
        return Baseline(self.name, scores, parameter_count(architecture))


def shared_bottom(problem: Problem, width: int) -> Architecture:
    """A bottom of two layers and heads of one, all of one width.

    Example:
        >>> import graftwork as gw
        >>> architecture = shared_bottom(gw.load_problem("digits"), 32)
        >>> [network.kind for network in architecture.networks]
        ['regressor', 'discretizer', 'regressor', 'decoder']
    """
    inputs, outputs = interface(problem)
    networks = [Network("n0", "regressor", width, relu_layers([width]), dropout=DROPOUT)]
    connections: list[Connection] = []
    for number, output in enumerate(outputs, start=1):
        generates = output.kind == "generation"
        head = (generator if generates else predictor)(f"n{number}", output, [width])
        networks.append(head)
        connections.append(Connection("n0", head.name, "stochastic" if generates else "input"))
        connections.append(Connection(head.name, output.name))
    return assembled(inputs, outputs, (tuple(networks), tuple(connections)))

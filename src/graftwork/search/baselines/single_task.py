"""One network for each output."""

from __future__ import annotations

from dataclasses import replace

from graftwork.architecture import (
    Architecture,
    Connection,
    InputNode,
    Network,
    OutputNode,
    interface,
    parameter_count,
)
from graftwork.problem import Problem, Score
from graftwork.search.baselines._base import Baseline
from graftwork.search.baselines.networks import (
    Parts,
    assembled,
    generator,
    predictor,
    relu_layers,
    trained_scores,
    widest,
)
from graftwork.search.settings import SearchSettings


class SingleTaskNetworks:
    """A network for each output, each as large as the searched model: with k outputs, k times its parameters.

    Two equal hidden layers; a generation output gets an encoder and a decoder of one each.
    """

    name = "single_task"
    title = "single-task networks"
    says = "one network an output, each as large as the one model"

    def fit(self, problem: Problem, *, parameters: int, settings: SearchSettings, seed: int) -> Baseline:
        """Train each alone, until its own skill gains no more."""
        inputs, outputs = interface(problem)
        scores: dict[str, Score] = {}
        total = 0
        for output in outputs:
            architecture = _largest(inputs, output, parameters)
            alone = replace(problem, outputs={output.name: problem.outputs[output.name]}, loader=None)
            scores |= trained_scores(architecture, alone, settings, seed=seed, name=output.name)
            total += parameter_count(architecture)
        return Baseline(self.name, scores, total)


def _largest(inputs: tuple[InputNode, ...], output: OutputNode, parameters: int) -> Architecture:
    def of(width: int) -> Architecture:
        return assembled(inputs, (output,), _networks(output, width))

    return widest(of, parameters)


def _networks(output: OutputNode, width: int) -> Parts:
    if output.kind != "generation":
        return (predictor("n0", output, [width, width]),), (Connection("n0", output.name),)
    encoder = Network("n0", "regressor", width, relu_layers([width]))
    decoder = generator("n1", output, [width])
    connections = (Connection("n0", "n1", "stochastic"), Connection("n1", output.name))
    return (encoder, decoder), connections

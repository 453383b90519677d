"""What a searched model is held against: one ordinary network an output, all together of its size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from graftwork.architecture import (
    Architecture,
    Connection,
    InputNode,
    Layer,
    Network,
    NetworkKind,
    OutputNode,
    interface,
    parameter_count,
)
from graftwork.evaluation import evaluate
from graftwork.model import build
from graftwork.problem import Problem, Score
from graftwork.runtime import integer_seed
from graftwork.search.last_training import train_to_the_end
from graftwork.search.settings import SearchSettings
from graftwork.training import Static

_WIDEST = 4096
_EMBEDDING = 8
_LATENT = 8
_DROPOUT = 0.2


@dataclass(frozen=True)
class SingleTask:
    """Scores of single-task networks on the test split, and their parameters together."""

    scores: Mapping[str, Score]
    parameters: int


def single_task_networks(
    problem: Problem, *, parameters: int, settings: SearchSettings, seed: int
) -> SingleTask:
    """Train one network an output, two equal hidden layers each, and score each once on the test split.

    Each gets an equal share of `parameters` (the largest width that fits, at least one unit) and as many
    steps as the searched model's last training. A generation output gets an encoder and a decoder; the others
    drop a fifth of their hidden units while training.

    Args:
        problem: What is to be answered.
        parameters: Of all networks together.
        settings: Of the search; each is trained as its best model is in the end.
        seed: Root of every random draw.
    """
    inputs, outputs = interface(problem)
    # With one output there is nothing to balance, and a balancer may speak of those that are not there.
    settings = replace(settings, options=replace(settings.options, balancer=Static()))
    share = parameters // len(outputs)
    judging = integer_seed(seed, 0, "judging")
    scores: dict[str, Score] = {}
    total = 0
    for output in outputs:
        architecture = _widest(inputs, output, share)
        alone = replace(problem, outputs={output.name: problem.outputs[output.name]}, loader=None)
        model = build(architecture, seed=integer_seed(seed, output.name, "single task"))
        trained = train_to_the_end(model, alone, settings, seed=seed, judging=judging)
        scores |= evaluate(trained.model, alone, split="test", seed=judging)
        total += parameter_count(architecture)
    return SingleTask(scores, total)


def _widest(inputs: tuple[InputNode, ...], output: OutputNode, parameters: int) -> Architecture:
    low, high = 1, _WIDEST
    while low < high:
        middle = (low + high + 1) // 2
        if parameter_count(_single(inputs, output, middle)) <= parameters:
            low = middle
        else:
            high = middle - 1
    return _single(inputs, output, low)


def _single(inputs: tuple[InputNode, ...], output: OutputNode, width: int) -> Architecture:
    make = _generator if output.kind == "generation" else _predictor
    networks, connections = make(output, width)
    read = tuple(Connection(node.name, "n9" if node.categories else "n0") for node in inputs)
    if any(node.categories for node in inputs):
        networks = (*networks, Network("n9", "embedding", _EMBEDDING))
        connections = (*connections, Connection("n9", "n0"))
    return Architecture(inputs, (output,), networks, (*read, *connections))


Parts = tuple[tuple[Network, ...], tuple[Connection, ...]]


def _predictor(output: OutputNode, width: int) -> Parts:
    kind: NetworkKind = "discretizer" if output.kind == "classification" else "regressor"
    layers = (Layer(width, "relu"), Layer(width, "relu"))
    network = Network("n0", kind, output.width, layers, dropout=_DROPOUT)
    return (network,), (Connection("n0", output.name),)


def _generator(output: OutputNode, width: int) -> Parts:
    hidden = (Layer(width, "relu"),)
    encoder = Network("n0", "regressor", width, hidden)
    decoder = Network("n1", "decoder", output.width, hidden, latent=_LATENT)
    return (encoder, decoder), (Connection("n0", "n1", "stochastic"), Connection("n1", output.name))

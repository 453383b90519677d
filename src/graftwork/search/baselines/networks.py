"""Ordinary networks of a given size, and their training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from graftwork.architecture import (
    Architecture,
    Connection,
    InputNode,
    Layer,
    Network,
    NetworkKind,
    OutputNode,
    parameter_count,
)
from graftwork.evaluation import evaluate
from graftwork.model import build
from graftwork.problem import Problem, Score
from graftwork.runtime import integer_seed
from graftwork.search.last_training import train_to_the_end
from graftwork.search.settings import SearchSettings
from graftwork.training import Static

Parts = tuple[tuple[Network, ...], tuple[Connection, ...]]

_WIDEST = 4096
_EMBEDDING = 8
_LATENT = 8
DROPOUT = 0.2  # of hidden units, while training


def widest(make: Callable[[int], Architecture], parameters: int) -> Architecture:
    """What `make` gives for the greatest width that keeps to `parameters`, one unit at least."""
    low, high = 1, _WIDEST
    while low < high:
        middle = (low + high + 1) // 2
        if parameter_count(make(middle)) <= parameters:
            low = middle
        else:
            high = middle - 1
    return make(low)


def trained_scores(
    architecture: Architecture, problem: Problem, settings: SearchSettings, *, seed: int, name: str
) -> dict[str, Score]:
    """Test scores of a model that is trained as the best of a search is in the end.

    Losses are summed: a balancer of the settings may speak of outputs that are not there.
    """
    settings = replace(settings, options=replace(settings.options, balancer=Static()))
    judging = integer_seed(seed, 0, "judging")
    model = build(architecture, seed=integer_seed(seed, name, "baseline"))
    trained = train_to_the_end(model, problem, settings, seed=seed, judging=judging)
    return evaluate(trained.model, problem, split="test", seed=judging)


def assembled(inputs: Sequence[InputNode], outputs: Sequence[OutputNode], parts: Parts) -> Architecture:
    """Networks with the inputs before the first of them, to which categories come by an embedding."""
    networks, connections = parts
    embedding = f"n{len(networks)}"
    read = tuple(Connection(node.name, embedding if node.categories else networks[0].name) for node in inputs)
    if any(node.categories for node in inputs):
        read = (*read, Connection(embedding, networks[0].name))
        networks = (*networks, Network(embedding, "embedding", _EMBEDDING))
    return Architecture(tuple(inputs), tuple(outputs), networks, (*read, *connections))


def predictor(name: str, output: OutputNode, hidden: Sequence[int]) -> Network:
    """A network that answers an output."""
    kind: NetworkKind = "discretizer" if output.kind == "classification" else "regressor"
    return Network(name, kind, output.width, relu_layers(hidden), dropout=DROPOUT)


def generator(name: str, output: OutputNode, hidden: Sequence[int]) -> Network:
    """A decoder that generates an output."""
    return Network(name, "decoder", output.width, relu_layers(hidden), latent=_LATENT)


def relu_layers(widths: Sequence[int]) -> tuple[Layer, ...]:
    """Hidden layers."""
    return tuple(Layer(width, "relu") for width in widths)

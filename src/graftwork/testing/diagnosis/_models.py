"""Models for these problems: a network an input, and a head an output that hears them all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from graftwork.architecture import Architecture, Connection, Layer, Network, interface
from graftwork.model import HeterogeneousModel, build
from graftwork.problem import Problem
from graftwork.runtime import Budget, generator
from graftwork.testing.diagnosis._problem import BLOCKS, OUTPUTS
from graftwork.training import train

READERS, HEADS = ("n0", "n1", "n2"), ("n3", "n4")
EXTRA = "n5"
STEPS, _AFTER = 300, 100
_ACTIVATIONS = ("relu", "tanh")


def reader(name: str, rng: np.random.Generator) -> Network:
    """A network that reads one input, of a size that chance draws."""
    activation = _ACTIVATIONS[rng.integers(len(_ACTIVATIONS))]
    return Network(name, "regressor", int(rng.integers(4, 9)), (Layer(int(rng.integers(8, 17)), activation),))


def block_architecture(problem: Problem, seed: int) -> Architecture:
    """A reader for each of three inputs, and a head for each of two outputs that hears all readers."""
    rng = generator(seed, 0, "architecture")
    heads = (
        Network(HEADS[0], "regressor", 2, (Layer(int(rng.integers(8, 17)), "relu"),)),
        Network(HEADS[1], "discretizer", 3, (Layer(int(rng.integers(8, 17)), "relu"),)),
    )
    return Architecture(
        *interface(problem),
        (*(reader(name, rng) for name in READERS), *heads),
        (
            *(Connection(block, name) for block, name in zip(BLOCKS, READERS, strict=True)),
            *(Connection(name, head) for name in READERS for head in HEADS),
            *(Connection(head, output) for head, output in zip(HEADS, OUTPUTS, strict=True)),
        ),
    )


def with_reader(architecture: Architecture, network: Network, block: str) -> Architecture:
    """With one more reader, of an input, that both heads hear."""
    return replace(
        architecture,
        networks=(*architecture.networks, network),
        connections=(
            *architecture.connections,
            Connection(block, network.name),
            *(Connection(network.name, head) for head in HEADS),
        ),
    )


def trained(architecture: Architecture, problem: Problem, seed: int) -> HeterogeneousModel:
    """A model of an architecture, trained."""
    return train(build(architecture, seed=seed), problem, budget=Budget(steps=STEPS), seed=seed).model


def trained_on(model: HeterogeneousModel, problem: Problem, seed: int) -> HeterogeneousModel:
    """A model trained for a third as long again."""
    return train(model, problem, budget=Budget(steps=_AFTER), seed=seed + 1).model

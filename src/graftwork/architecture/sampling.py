"""Random networks: layers and settings drawn from a search space."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from graftwork.architecture._graph import Layer, Network, NetworkKind
from graftwork.architecture.space import Range, SearchSpace

Choice = TypeVar("Choice")


def random_network(
    space: SearchSpace, rng: np.random.Generator, *, name: str, kind: NetworkKind, width: int
) -> Network:
    """A network whose layers and settings are drawn from the space, for a given place in the graph."""
    return Network(
        name=name,
        kind=kind,
        width=width,
        hidden=random_hidden(space, rng),
        latent=within(space.latents, rng) if kind == "decoder" else 0,
        initialiser=_one_of(space.initialisers, rng),
        normalisation=_one_of(space.normalisations, rng),
        residual=_one_of(space.residuals, rng),
        # A decoder's latent is noise enough: units dropped besides cost samples 0.13 of skill (record 0005).
        dropout=0.0 if kind == "decoder" else _one_of(space.dropouts, rng),
    )


def random_hidden(space: SearchSpace, rng: np.random.Generator) -> tuple[Layer, ...]:
    """Hidden layers drawn from the space: how many, how wide, and what activates them."""
    shared = _one_of(space.activations, rng)
    layers: list[Layer] = []
    for _ in range(within(space.hidden_layers, rng)):
        activation = _one_of(space.activations, rng) if space.activation_per_layer else shared
        layers.append(Layer(within(space.widths, rng), activation))
    return tuple(layers)


def within(bounds: Range, rng: np.random.Generator) -> int:
    """A whole number between two bounds, both included."""
    return int(rng.integers(bounds[0], bounds[1], endpoint=True))


def _one_of(choices: tuple[Choice, ...], rng: np.random.Generator) -> Choice:
    return choices[int(rng.integers(len(choices)))]

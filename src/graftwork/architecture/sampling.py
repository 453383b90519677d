"""Random networks: layers and settings drawn from a search space."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import numpy as np

from graftwork.architecture._graph import Layer, Network, NetworkKind, Shape
from graftwork.architecture.maps import Size, shrunk
from graftwork.architecture.space import Range, SearchSpace

Choice = TypeVar("Choice")

_SMALLEST_HALVED = 4


def random_network(
    space: SearchSpace, rng: np.random.Generator, *, name: str, kind: NetworkKind, width: int
) -> Network:
    """A network without maps whose layers and settings are drawn from the space, for a place in the graph."""
    hidden = _random_layers(space, space.widths, rng)
    network = Network(
        name=name,
        kind=kind,
        width=width,
        hidden=hidden,
        latent=within(space.latents, rng) if kind == "decoder" else 0,
    )
    return _with_settings(network, space, rng)


def random_encoder(
    space: SearchSpace, rng: np.random.Generator, *, name: str, start: Size, shape: Shape = ()
) -> Network | None:
    """A convolutional encoder of maps of a size.

    Args:
        space: What is drawn from.
        rng: What draws.
        name: Of the network.
        start: (height, width) of the maps that it reads.
        shape: (channels, height, width) of what it must produce; drawn unless told.

    Returns:
        The encoder; none where the space has too few layers to shrink the maps to the shape.
    """
    hidden = _random_layers(space, space.channels, rng)
    strides = (
        _drawn_strides(len(hidden), start, rng) if shape == () else _strides_to(start, shape, hidden, rng)
    )
    if strides is None:
        return None
    size = start
    for stride in strides:
        size = shrunk(size, stride)
    shape = shape or (within(space.channels, rng), *size)
    layers = tuple(replace(layer, stride=stride) for layer, stride in zip(hidden, strides, strict=True))
    return _with_settings(_with_maps(name, "convolutional_encoder", layers, shape), space, rng)


def random_convolutional_decoder(
    space: SearchSpace, rng: np.random.Generator, *, name: str, shape: Shape
) -> Network | None:
    """A convolutional decoder of images of a shape; none where the space has no hidden layers."""
    low, high = space.hidden_layers
    if not high:
        return None
    hidden = _random_layers(replace(space, hidden_layers=(max(low, 1), high)), space.channels, rng)
    strides = _drawn_strides(len(hidden), (shape[1], shape[2]), rng)
    layers = tuple(
        replace(layer, stride=stride) for layer, stride in zip(hidden, reversed(strides), strict=True)
    )
    network = _with_maps(name, "convolutional_decoder", layers, shape)
    return _with_settings(replace(network, latent=within(space.latents, rng)), space, rng)


def within(bounds: Range, rng: np.random.Generator) -> int:
    """A whole number between two bounds, both included."""
    return int(rng.integers(bounds[0], bounds[1], endpoint=True))


def _random_layers(space: SearchSpace, widths: Range, rng: np.random.Generator) -> tuple[Layer, ...]:
    shared = _one_of(space.activations, rng)
    layers: list[Layer] = []
    for _ in range(within(space.hidden_layers, rng)):
        activation = _one_of(space.activations, rng) if space.activation_per_layer else shared
        layers.append(Layer(within(widths, rng), activation))
    return tuple(layers)


def _with_maps(name: str, kind: NetworkKind, hidden: tuple[Layer, ...], shape: Shape) -> Network:
    return Network(name, kind, shape[0] * shape[1] * shape[2], hidden, shape=shape)


def _with_settings(network: Network, space: SearchSpace, rng: np.random.Generator) -> Network:
    """Settings drawn for a network; one without hidden layers has none that they could be about."""
    initialiser = _one_of(space.initialisers, rng)
    normalisation = _one_of(space.normalisations, rng)
    residual = _one_of(space.residuals, rng)
    # A decoder's latent is noise enough: units dropped besides cost samples 0.13 of skill (record 0005).
    dropout = 0.0 if network.is_decoder else _one_of(space.dropouts, rng)
    if not network.hidden:
        return replace(network, initialiser=initialiser)
    hidden = with_residuals(network) if residual else network.hidden
    return replace(
        network, hidden=hidden, initialiser=initialiser, normalisation=normalisation, dropout=dropout
    )


def with_residuals(network: Network) -> tuple[Layer, ...]:
    """The hidden layers, each residual that is as wide as the one before and does not shrink its map."""
    before: Layer | None = None
    layers: list[Layer] = []
    for layer in network.hidden:
        fits = before is not None and before.width == layer.width
        shrinks = network.kind == "convolutional_encoder" and layer.stride > 1
        layers.append(replace(layer, residual=fits and not shrinks))
        before = layer
    return tuple(layers)


def _drawn_strides(layers: int, size: Size, rng: np.random.Generator) -> tuple[int, ...]:
    """A stride of 1 or 2 a layer; maps of fewer than four rows or columns are not halved."""
    strides: list[int] = []
    for _ in range(layers):
        large = min(size) >= _SMALLEST_HALVED
        strides.append(int(rng.integers(1, 2, endpoint=True)) if large else 1)
        size = shrunk(size, strides[-1])
    return tuple(strides)


def _strides_to(
    start: Size, shape: Shape, hidden: tuple[Layer, ...], rng: np.random.Generator
) -> tuple[int, ...] | None:
    """Strides that shrink maps to a shape, in places that chance draws."""
    halvings, size = 0, start
    while size != (shape[1], shape[2]):
        halvings, size = halvings + 1, shrunk(size, 2)
        if halvings > len(hidden):
            return None
    strided = set(rng.permutation(len(hidden))[:halvings].tolist())
    return tuple(2 if index in strided else 1 for index in range(len(hidden)))


def _one_of(choices: tuple[Choice, ...], rng: np.random.Generator) -> Choice:
    return choices[int(rng.integers(len(choices)))]

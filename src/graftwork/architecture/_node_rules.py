"""Rules that a node keeps or breaks by itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from math import prod
from typing import get_args

from graftwork.architecture._counts import is_count, is_share, is_truth
from graftwork.architecture._graph import (
    NETWORK_KINDS,
    Architecture,
    InputNode,
    Network,
    OutputKind,
    OutputNode,
)
from graftwork.architecture.activations import ACTIVATIONS, INITIALISERS, NORMALISATIONS

_NETWORK_NAME = re.compile(r"n[0-9]{1,9}", re.ASCII)
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}", re.ASCII)
OUTPUT_KINDS: tuple[OutputKind, ...] = get_args(OutputKind)


def is_port_name(name: object) -> bool:
    """Whether a model input or output may be called so: an identifier that no network could be called."""
    return isinstance(name, str) and bool(_IDENTIFIER.fullmatch(name)) and not _NETWORK_NAME.fullmatch(name)


def name_sentences(architecture: Architecture) -> list[str]:
    """Broken rules on names."""
    return [*_patterns(architecture), *_repeated(architecture)]


def node_sentences(architecture: Architecture) -> list[str]:
    """Broken rules on single nodes, and that there is an output."""
    found = [] if architecture.outputs else ["The architecture has no output"]
    for port in _ports(architecture):
        found += _port(port)
    for network in architecture.networks:
        found += _network(network)
    return found


def _patterns(architecture: Architecture) -> Iterator[str]:
    for network in architecture.networks:
        if not isinstance(network.name, str) or not _NETWORK_NAME.fullmatch(network.name):
            yield f"Network {network.name!r} must be called n and a number, such as 'n0'"
    for port in _ports(architecture):
        if not is_port_name(port.name):
            yield f"{_called(port)} must be called by an identifier, not n and a number, such as 'pixels'"


def _repeated(architecture: Architecture) -> Iterator[str]:
    names = [port.name for port in _ports(architecture)] + [network.name for network in architecture.networks]
    counts = Counter(name for name in names if isinstance(name, str))
    for name, count in counts.items():
        if count > 1:
            yield f"The name '{name}' is used by {count} nodes but names must be unique"


def _ports(architecture: Architecture) -> list[InputNode | OutputNode]:
    return [*architecture.inputs, *architecture.outputs]


def _called(port: InputNode | OutputNode) -> str:
    return f"{'Input' if isinstance(port, InputNode) else 'Output'} {port.name!r}"


def _port(port: InputNode | OutputNode) -> Iterator[str]:
    if not is_width(port.width):
        yield f"{_called(port)} must have a positive whole width, got {port.width!r}"
    if isinstance(port, OutputNode) and port.kind not in OUTPUT_KINDS:
        yield f"{_called(port)} is of unknown kind {port.kind!r}, expected one of {_listed(OUTPUT_KINDS)}"
    yield from _shape(_called(port), port.shape, port.width)
    if isinstance(port, InputNode) and not (is_count(port.categories) and port.categories >= 0):
        yield f"{_called(port)} must have a whole number of categories, 0 for none, got {port.categories!r}"
    elif isinstance(port, InputNode) and port.categories and (port.width != 1 or port.shape != ()):
        yield f"{_called(port)} is categorical and must have width 1 and no shape, got {port.width!r}"


def is_width(value: object) -> bool:
    """Whether a layer can have so many units."""
    return is_count(value) and isinstance(value, int) and value > 0


def _shape(name: str, shape: object, width: object) -> Iterator[str]:
    if shape == ():
        return
    if not isinstance(shape, tuple) or len(shape) != 3 or not all(map(is_width, shape)):
        yield f"{name} must have the shape () or positive whole (channels, height, width), got {shape!r}"
    elif prod(shape) != width:
        yield f"{name} has the shape {shape!r} of {prod(shape)} numbers, but its width is {width!r}"


def _network(network: Network) -> Iterator[str]:
    name = f"Network {network.name!r}"
    if network.kind not in NETWORK_KINDS:
        yield f"{name} is of unknown kind {network.kind!r}, expected one of {_listed(NETWORK_KINDS)}"
    if not is_width(network.width):
        yield f"{name} must have a positive whole width, got {network.width!r}"
    yield from _latent(network)
    yield from _map(network)
    yield from _layers(network)
    for index, layer in enumerate(network.hidden):
        if not is_width(layer.width):
            yield f"{name}: hidden layer {index} must have a positive whole width, got {layer.width!r}"
        if layer.activation not in ACTIVATIONS:
            strange, known = layer.activation, _listed(ACTIVATIONS)
            yield f"{name}: hidden layer {index} has unknown activation {strange!r}, expected one of {known}"
    if network.initialiser not in INITIALISERS:
        expected = _listed(INITIALISERS)
        yield f"{name} has unknown initialiser {network.initialiser!r}, expected one of {expected}"
    if network.normalisation not in NORMALISATIONS:
        expected = _listed(NORMALISATIONS)
        yield f"{name} has unknown normalisation {network.normalisation!r}, expected one of {expected}"
    if not is_share(network.dropout):
        yield f"{name}: dropout must be a share of at least 0 and below 1, got {network.dropout!r}"


def _latent(network: Network) -> Iterator[str]:
    if network.is_decoder and not is_width(network.latent):
        yield f"Decoder {network.name!r} must have a positive whole latent, got {network.latent!r}"
    if not network.is_decoder and not (is_count(network.latent) and network.latent == 0):
        yield f"Network {network.name!r} is no decoder and must have latent 0, got {network.latent!r}"


def _map(network: Network) -> Iterator[str]:
    name = f"Network {network.name!r}"
    yield from _shape(name, network.shape, network.width)
    if network.is_convolutional and network.shape == ():
        yield f"{name} is a {network.kind} and must have a shape (channels, height, width)"
    if not network.is_convolutional and network.shape != ():
        yield f"{name} is a {network.kind} and must have the shape (), got {network.shape!r}"
    if network.kind == "convolutional_decoder" and not network.hidden:
        yield f"{name} is a convolutional_decoder and must have a hidden layer, the map that it enlarges"


def _layers(network: Network) -> Iterator[str]:
    strides = (1, 2) if network.is_convolutional else (1,)
    for index, layer in enumerate(network.hidden):
        name = f"Network {network.name!r}: hidden layer {index}"
        if not is_count(layer.stride) or layer.stride not in strides:
            yield f"{name} must have a stride out of {strides}, got {layer.stride!r}"
        if not is_truth(layer.residual):
            yield f"{name}: residual must be true or false, got {layer.residual!r}"
        elif layer.residual and index == 0:
            yield f"{name} is residual but no layer is before it"
        elif layer.residual and layer.width != network.hidden[index - 1].width:
            yield (
                f"{name} is residual and has {layer.width!r} units, the layer before it "
                f"{network.hidden[index - 1].width!r}; they must be as many"
            )
        elif layer.residual and network.kind == "convolutional_encoder" and layer.stride != 1:
            yield f"{name} is residual and must have stride 1 in an encoder, got {layer.stride!r}"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names)

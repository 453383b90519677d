"""Rules that a node keeps or breaks by itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import get_args

from graftwork.architecture._counts import is_count, is_share
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


def is_width(value: object) -> bool:
    """Whether a layer can have so many units."""
    return is_count(value) and isinstance(value, int) and value > 0


def _network(network: Network) -> Iterator[str]:
    name = f"Network {network.name!r}"
    if network.kind not in NETWORK_KINDS:
        yield f"{name} is of unknown kind {network.kind!r}, expected one of {_listed(NETWORK_KINDS)}"
    if not is_width(network.width):
        yield f"{name} must have a positive whole width, got {network.width!r}"
    yield from _latent(network)
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
    if network.residual not in (False, True):
        yield f"{name}: residual must be true or false, got {network.residual!r}"
    if not is_share(network.dropout):
        yield f"{name}: dropout must be a share of at least 0 and below 1, got {network.dropout!r}"


def _latent(network: Network) -> Iterator[str]:
    if network.kind == "decoder" and not is_width(network.latent):
        yield f"Decoder {network.name!r} must have a positive whole latent, got {network.latent!r}"
    if network.kind != "decoder" and not (is_count(network.latent) and network.latent == 0):
        yield f"Network {network.name!r} is no decoder and must have latent 0, got {network.latent!r}"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names)

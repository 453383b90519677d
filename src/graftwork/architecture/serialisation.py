"""Architectures as versioned JSON: written plainly, read with suspicion."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from graftwork.architecture._graph import Architecture, Connection, InputNode, Network, OutputNode
from graftwork.architecture.parameters import parameter_count
from graftwork.architecture.viability import require_viable
from graftwork.documents import faults, parse, short
from graftwork.errors import InputError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

SCHEMA = "graftwork/architecture"
VERSION = 2

_MOST_PORTS = 1_000
_MOST_NETWORKS = 1_000
_MOST_CONNECTIONS = 10_000
_MOST_LAYERS = 1_000
_MOST_UNITS = 10_000_000
_MOST_PARAMETERS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class _Document:
    schema: str
    version: int
    inputs: tuple[InputNode, ...]
    outputs: tuple[OutputNode, ...]
    networks: tuple[Network, ...]
    connections: tuple[Connection, ...]


def to_json(architecture: Architecture) -> str:
    """An architecture as JSON, on one line.

    Example:
        >>> from graftwork.architecture import Architecture
        >>> to_json(Architecture((), (), (), ()))[:51]
        '{"schema": "graftwork/architecture", "version": 2, '
    """
    return json.dumps({"schema": SCHEMA, "version": VERSION, **asdict(architecture)})


def from_json(text: str) -> Architecture:
    """The architecture that `to_json` wrote; in bounded time and memory, whatever the text.

    Raises:
        InputError: The text is too large, no JSON, of another schema or a newer version, has unknown or
            missing fields or values of a wrong type, or more nodes than anyone needs.
        NotViableError: It is well-formed but breaks rules; every one of them is named.
    """
    header = _checked_header(text)
    document = _parsed(text if header["version"] == VERSION else _upgraded(header))
    _check_counts(document)
    architecture = Architecture(document.inputs, document.outputs, document.networks, document.connections)
    require_viable(architecture)
    if (count := parameter_count(architecture)) > _MOST_PARAMETERS:
        raise InputError(
            f"the architecture has {short(count)} parameters, expected at most {_MOST_PARAMETERS}"
        )
    return architecture


def _checked_header(text: str) -> dict[str, Any]:
    header = parse(text, "the architecture")
    if not isinstance(header, dict) or header.get("schema") != SCHEMA:
        raise InputError(f'the architecture\'s JSON must be an object with "schema": "{SCHEMA}"')
    version = header.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise InputError(
            f"the architecture's version must be a whole number of at least 1, got {short(version)}"
        )
    if version > VERSION:
        raise InputError(
            f"the architecture is of version {short(version)}, this program reads up to {VERSION}; "
            "upgrade graftwork"
        )
    return header


def _upgraded(document: dict[str, Any]) -> str:
    """A document of version 1 as one of version 2: what was residual was so of a network as a whole."""
    networks = document.get("networks")
    if isinstance(networks, list):
        document = {**document, "networks": [_upgraded_network(network) for network in networks]}
    return json.dumps({**document, "version": VERSION})


def _upgraded_network(network: Any) -> Any:
    if not isinstance(network, dict) or not isinstance(network.get("hidden"), list):
        return network
    kept = {key: value for key, value in network.items() if key != "residual"}
    widths = [layer.get("width") if isinstance(layer, dict) else None for layer in network["hidden"]]
    hidden = [
        {**layer, "residual": network.get("residual", False) if index and width == before else False}
        if isinstance(layer, dict)
        else layer
        for index, (before, width, layer) in enumerate(
            zip([None, *widths], widths, network["hidden"], strict=False)
        )
    ]
    return {**kept, "hidden": hidden}


def _parsed(text: str) -> _Document:
    from pydantic import ValidationError

    try:
        return _adapter().validate_json(text, strict=True, extra="forbid")
    except ValidationError as error:
        raise InputError(f"the architecture's JSON does not fit its schema: {faults(error)}") from None


@cache
def _adapter() -> TypeAdapter[_Document]:
    from pydantic import TypeAdapter

    return TypeAdapter(_Document)


def _check_counts(document: _Document) -> None:
    counts = {
        "inputs": (len(document.inputs), _MOST_PORTS),
        "outputs": (len(document.outputs), _MOST_PORTS),
        "networks": (len(document.networks), _MOST_NETWORKS),
        "connections": (len(document.connections), _MOST_CONNECTIONS),
        "hidden layers in one network": (
            max((len(n.hidden) for n in document.networks), default=0),
            _MOST_LAYERS,
        ),
        "units in one layer": (_widest(document), _MOST_UNITS),
    }
    for name, (count, most) in counts.items():
        if count > most:
            raise InputError(f"the architecture has {short(count)} {name}, expected at most {most}")


def _widest(document: _Document) -> int:
    widths = [node.width for node in document.inputs] + [node.width for node in document.outputs]
    widths += [network.width for network in document.networks]
    widths += [layer.width for network in document.networks for layer in network.hidden]
    widths += [network.latent for network in document.networks]
    widths += [node.categories for node in document.inputs]
    return max(widths, default=0)

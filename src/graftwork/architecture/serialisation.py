"""Architectures as versioned JSON: written plainly, read with suspicion."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from graftwork.architecture._graph import Architecture, Connection, InputNode, Network, OutputNode
from graftwork.architecture.viability import require_viable
from graftwork.errors import InputError

if TYPE_CHECKING:
    from pydantic import TypeAdapter, ValidationError

SCHEMA = "graftwork/architecture"
VERSION = 2

_MOST_BYTES = 5_000_000
_MOST_VALUES = 100_000
_MOST_PORTS = 1_000
_MOST_NETWORKS = 1_000
_MOST_CONNECTIONS = 10_000
_MOST_LAYERS = 1_000
_MOST_UNITS = 10_000_000
_MOST_FAULTS = 20


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
    return architecture


def _checked_header(text: str) -> dict[str, Any]:
    header = _loaded(text)
    if not isinstance(header, dict) or header.get("schema") != SCHEMA:
        raise InputError(f'the architecture\'s JSON must be an object with "schema": "{SCHEMA}"')
    version = header.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise InputError(
            f"the architecture's version must be a whole number of at least 1, got {_short(version)}"
        )
    if version > VERSION:
        raise InputError(
            f"the architecture is of version {_short(version)}, this program reads up to {VERSION}; "
            "upgrade graftwork"
        )
    _check_values(header)
    return header


def _upgraded(document: dict[str, Any]) -> str:
    """A document of version 1 as one of version 2: what was residual was so of a network as a whole."""
    networks = document.get("networks")
    if isinstance(networks, list):
        document = {**document, "networks": [_upgraded_network(network) for network in networks]}
    try:
        return json.dumps({**document, "version": VERSION})
    except ValueError as error:  # a whole number of thousands of digits
        raise InputError(f"the architecture is not valid: {_short(str(error))}") from None


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


def _loaded(text: str) -> Any:
    from pydantic_core import from_json as parse

    if not isinstance(text, str):
        raise InputError(f"an architecture is read from a string of JSON, got {type(text).__name__}")
    # No character takes less than a byte, so what is far too large is refused before it is copied.
    size = len(text) if len(text) > _MOST_BYTES else len(text.encode(errors="replace"))
    if size > _MOST_BYTES:
        raise InputError(f"the architecture's JSON has {size} bytes or more, expected at most {_MOST_BYTES}")
    try:
        return parse(text.encode())
    except ValueError as error:
        raise InputError(f"the architecture is not valid JSON: {_short(str(error))}") from None


def _check_values(document: object) -> None:
    # The validator keeps a record of every fault, which for a text of faults alone takes gigabytes.
    count, left = 0, [document]
    while left:
        value = left.pop()
        if isinstance(value, dict | list):
            count += len(value)
            if count > _MOST_VALUES:
                raise InputError(
                    f"the architecture's JSON has more than {_MOST_VALUES} values in all, expected fewer"
                )
            left += value.values() if isinstance(value, dict) else value


def _parsed(text: str) -> _Document:
    from pydantic import ValidationError

    try:
        return _adapter().validate_json(text, strict=True, extra="forbid")
    except ValidationError as error:
        raise InputError(f"the architecture's JSON does not fit its schema: {_faults(error)}") from None


@cache
def _adapter() -> TypeAdapter[_Document]:
    from pydantic import TypeAdapter

    return TypeAdapter(_Document)


def _faults(error: ValidationError) -> str:
    faults = error.errors(include_url=False, include_context=False)
    told = [
        f"{'.'.join(str(step) for step in fault['loc'])}: {fault['msg']}, got {_short(fault['input'])}"
        for fault in faults[:_MOST_FAULTS]
    ]
    more = [f"and {len(faults) - _MOST_FAULTS} more"] if len(faults) > _MOST_FAULTS else []
    return "; ".join(told + more)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


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
            raise InputError(f"the architecture has {_short(count)} {name}, expected at most {most}")


def _widest(document: _Document) -> int:
    widths = [node.width for node in document.inputs] + [node.width for node in document.outputs]
    widths += [network.width for network in document.networks]
    widths += [layer.width for network in document.networks for layer in network.hidden]
    widths += [network.latent for network in document.networks]
    widths += [node.categories for node in document.inputs]
    return max(widths, default=0)

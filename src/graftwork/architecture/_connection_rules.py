"""Rules that a connection keeps or breaks whatever else the graph holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from graftwork.architecture._graph import READINGS, ROLES, Architecture, Connection


def connection_sentences(architecture: Architecture) -> list[str]:
    """Broken rules on single connections and repeated ones; names must be unique."""
    found = [
        sentence for connection in architecture.connections for sentence in _broken(architecture, connection)
    ]
    pairs = Counter(map(_pair, architecture.connections))
    found += [
        f"Connection {source} -> {target} is there {count} times but two nodes are connected once at most"
        for (source, target), count in pairs.items()
        if count > 1
    ]
    return found


def sound_connections(architecture: Architecture) -> Architecture:
    """The architecture without connections that break a rule by themselves, and without repetitions."""
    sound = [c for c in architecture.connections if not any(_broken(architecture, c))]
    return replace(architecture, connections=tuple(dict.fromkeys(sound)))


def _pair(connection: Connection) -> tuple[str, str]:
    return repr(connection.source), repr(connection.target)


def _broken(architecture: Architecture, connection: Connection) -> Iterator[str]:
    name = f"Connection {connection.source!r} -> {connection.target!r}"
    strange = [end for end in (connection.source, connection.target) if not _known(architecture, end)]
    for end in dict.fromkeys(map(repr, strange)):
        yield f"{name} refers to {end}, which is no node"
    if connection.role not in ROLES:
        yield f"{name} has unknown role {connection.role!r}, expected one of {', '.join(ROLES)}"
    if connection.reading not in READINGS:
        expected = ", ".join(READINGS)
        yield f"{name} has unknown reading {connection.reading!r}, expected one of {expected}"
    if strange:
        return
    if connection.source == connection.target:
        yield f"{name} connects a node to itself"
    if connection.source in architecture.output_names:
        yield f"{name} leaves an output, and outputs feed nothing"
    if not (
        connection.target in architecture.network_names or connection.target in architecture.output_names
    ):
        yield f"{name} ends at an input, and only the problem feeds inputs"


def _known(architecture: Architecture, end: object) -> bool:
    return isinstance(end, str) and end in architecture.by_name

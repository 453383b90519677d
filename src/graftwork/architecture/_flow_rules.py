"""Rules on what flows through the graph: order, kinds, roles and paths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graftwork.architecture._cycles import on_cycles
from graftwork.architecture._graph import (
    Architecture,
    Carries,
    Connection,
    Network,
    OutputKind,
    OutputNode,
    Role,
)
from graftwork.architecture._node_rules import OUTPUT_KINDS, is_width
from graftwork.architecture.maps import encoder_sizes, shape_of

ACCEPTED: dict[OutputKind, Carries] = {
    "classification": "discrete",
    "regression": "values",
    "generation": "samples",
}
_INTO_DECODER: dict[Role, tuple[Carries, ...]] = {
    "stochastic": ("values",),
    "condition": ("values", "discrete"),
}


def flow_sentences(architecture: Architecture) -> list[str]:
    """Broken rules on the graph as a whole; its connections must be sound by themselves."""
    found = list(_cycles(architecture))
    for connection in architecture.connections:
        found += _acceptance(architecture, connection)
    found += _decoders(architecture)
    found += _maps(architecture)
    found += _paths(architecture)
    return found


def _cycles(architecture: Architecture) -> Iterator[str]:
    behind = architecture.network_names.difference(architecture.order)
    for group in on_cycles(behind, architecture.receivers, architecture.sources):
        yield f"Networks {', '.join(group)} form a cycle, but the graph must be acyclic"


def _acceptance(architecture: Architecture, connection: Connection) -> Iterator[str]:
    target = architecture.by_name[connection.target]
    yield from _reading(architecture, connection)
    if isinstance(target, OutputNode):
        yield from _into_output(architecture, connection, target)
    elif isinstance(target, Network) and target.is_decoder:
        yield from _into_decoder(architecture, connection)
    elif isinstance(target, Network):
        yield from _into_network(architecture, connection, target)


def _reading(architecture: Architecture, connection: Connection) -> Iterator[str]:
    target, shape = architecture.by_name[connection.target], shape_of(architecture, connection.source)
    pooled = connection.reading == "pool"
    if pooled and not shape:
        yield f"{_arrow(connection)} pools, but {connection.source} hands on no map"
    elif pooled and not (isinstance(target, Network) and target.kind != "convolutional_encoder"):
        yield f"{_arrow(connection)} pools, but {target.name} reads maps as they are"
    elif pooled and connection.role == "residual":
        yield f"{_arrow(connection)} pools, but what is residual is added as it is"


def _into_network(architecture: Architecture, connection: Connection, target: Network) -> Iterator[str]:
    carried = architecture.carries.get(connection.source)
    if connection.role == "residual":
        yield from _residual(architecture, connection)
    elif connection.role != "input":
        yield f"{_arrow(connection)} is {connection.role}, but {target.name} is no decoder"
    if target.kind == "embedding" and carried not in ("codes", None):
        yield f"{_arrow(connection)} carries {carried} but an embedding accepts only codes"
    if target.kind != "embedding" and carried == "codes":
        yield f"{_arrow(connection)} carries codes, which only an embedding accepts"
    if target.kind == "convolutional_encoder" and not shape_of(architecture, connection.source):
        yield f"{_arrow(connection)} carries no map, but {target.name} is a convolutional_encoder"


def _into_output(architecture: Architecture, connection: Connection, output: OutputNode) -> Iterator[str]:
    carried, accepted = (
        architecture.carries.get(connection.source),
        ACCEPTED.get(output.kind) if output.kind in OUTPUT_KINDS else None,
    )
    if connection.role != "input":
        yield f"{_arrow(connection)} is {connection.role} but an output accepts only the role input"
    if carried and accepted and carried != accepted:
        wanted = f"output {output.name} ({output.kind}) accepts {accepted}"
        yield f"{_arrow(connection)} carries {carried} but {wanted}"
    width = architecture.by_name[connection.source].width
    shape = shape_of(architecture, connection.source)
    if shape and shape != output.shape:
        yield (
            f"{_arrow(connection)}: {connection.source} hands on a map of shape {shape}, but output "
            f"{output.name} has the shape {output.shape}"
        )
    elif is_width(width) and is_width(output.width) and width < output.width:
        yield (
            f"{_arrow(connection)}: {connection.source} has {width} units, fewer than the {output.width} of "
            f"output {output.name}, which it feeds"
        )


def _into_decoder(architecture: Architecture, connection: Connection) -> Iterator[str]:
    carried = architecture.carries.get(connection.source)
    accepted = _INTO_DECODER.get(connection.role)
    if accepted is None:
        yield f"{_arrow(connection)} is {connection.role} but a decoder accepts only stochastic or condition"
    elif carried and carried not in accepted:
        wanted = f"a {connection.role} connection into a decoder carries {' or '.join(accepted)}"
        yield f"{_arrow(connection)} carries {carried} but {wanted}"


def _residual(architecture: Architecture, connection: Connection) -> Iterator[str]:
    source, target = architecture.by_name[connection.source], architecture.by_name[connection.target]
    carried, produced = architecture.carries.get(source.name), architecture.carries.get(target.name)
    if carried and carried != "values":
        yield f"{_arrow(connection)} is residual and must carry values but carries {carried}"
    if produced and produced != "values":
        yield f"{_arrow(connection)} is residual but {target.name} is no regressor that produces values"
    if (
        isinstance(target, Network)
        and target.is_convolutional
        and shape_of(architecture, source.name) != target.shape
    ):
        yield f"{_arrow(connection)} is residual and must join maps of one shape"
    if source.width != target.width:
        yield (
            f"{_arrow(connection)} is residual and must join equal widths but {source.name} has "
            f"{source.width} units, {target.name} {target.width}"
        )


def _decoders(architecture: Architecture) -> Iterator[str]:
    for network in architecture.networks:
        if network.is_decoder and not any(
            connection.role == "stochastic" for connection in architecture.incoming(network.name)
        ):
            yield f"Decoder {network.name} has no stochastic input but needs at least one"


def _maps(architecture: Architecture) -> Iterator[str]:
    for network in architecture.networks:
        sources = architecture.sources(network.name)
        if network.kind != "convolutional_encoder" or not all_maps(architecture, (network.name, *sources)):
            continue
        sizes = {(shape[1], shape[2]) for shape in (shape_of(architecture, source) for source in sources)}
        if len(sizes) > 1:
            told = " and ".join(f"{height} x {width}" for height, width in sorted(sizes))
            yield f"Network {network.name} reads maps of different sizes, {told}; they must be equal"
        elif sizes and all(layer.stride in (1, 2) for layer in network.hidden):
            start = sizes.pop()
            size = (start, *encoder_sizes(network, start))[-1]
            if size != network.shape[1:]:
                yield (
                    f"Network {network.name} makes maps of {size[0]} x {size[1]} of what it reads, but its "
                    f"shape is {network.shape}"
                )


def all_maps(architecture: Architecture, names: Iterable[str]) -> bool:
    """Whether all these nodes have a shape that a map can have."""
    shapes = [shape_of(architecture, name) for name in names]
    return all(isinstance(s, tuple) and len(s) == 3 and all(map(is_width, s)) for s in shapes)


def _paths(architecture: Architecture) -> Iterator[str]:
    fed = architecture.downstream(frozenset(node.name for node in architecture.inputs))
    useful = architecture.upstream(architecture.output_names)
    for network in architecture.networks:
        if not architecture.incoming(network.name):
            yield f"Network {network.name} has no source"
        elif network.name not in fed:
            yield f"Network {network.name} is not reached from any input"
        if network.name not in useful:
            yield f"Network {network.name} leads to no output"
    for output in architecture.outputs:
        if not architecture.incoming(output.name):
            yield f"Output {output.name} has no source"


def _arrow(connection: Connection) -> str:
    return f"Connection {connection.source} -> {connection.target}"

"""The hash is blind to names and order, and to nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from tests.architecture.samples import WHOLE, architectures, chain, renamed, shuffled

from graftwork.architecture import (
    Architecture,
    Connection,
    InputNode,
    Layer,
    Network,
    OutputNode,
    Role,
    canonical_hash,
)


@given(architectures, st.integers(0, 10**6))
def test_names_and_order_do_not_matter(architecture: Architecture, seed: int) -> None:
    other = renamed(shuffled(architecture, seed), seed)
    assert other != architecture
    assert other.canonical_hash == architecture.canonical_hash == canonical_hash(architecture)


@given(architectures)
def test_every_structural_edit_matters(architecture: Architecture) -> None:
    hashes = [edited.canonical_hash for edited in _edits(architecture)]
    assert architecture.canonical_hash not in hashes


def test_no_two_edits_of_one_architecture_agree() -> None:
    hashes = [edited.canonical_hash for edited in _edits(WHOLE)]
    assert len(set(hashes)) == len(hashes) > 60


def _edits(architecture: Architecture) -> Iterator[Architecture]:
    for network in architecture.networks:
        for changed in _changed(network):
            yield architecture.with_network(changed)
        yield architecture.without_network(network.name)
    for connection in architecture.connections:
        yield architecture.without_connections(connection)
        rest = architecture.without_connections(connection)
        role: Role = "stochastic" if connection.role == "condition" else "condition"
        yield rest.with_connections(replace(connection, role=role))
        if connection.source in architecture.network_names:
            yield rest.with_connections(Connection(connection.target, connection.source, connection.role))
    for place, node in enumerate(architecture.inputs):
        rest_of_inputs = (*architecture.inputs[:place], *architecture.inputs[place + 1 :])
        yield replace(architecture, inputs=(*rest_of_inputs, replace(node, width=node.width + 1)))
    yield replace(architecture, inputs=(*architecture.inputs, InputNode("more", 1)))
    yield replace(architecture, outputs=(*architecture.outputs, OutputNode("more", "regression", 1)))
    for place, output in enumerate(architecture.outputs):
        outputs = list(architecture.outputs)
        outputs[place] = replace(output, width=output.width + 1)
        yield replace(architecture, outputs=tuple(outputs))


def _changed(network: Network) -> Iterator[Network]:
    yield replace(network, width=network.width + 1)
    yield replace(network, latent=network.latent + 1)
    yield replace(network, shape=(1, 1, network.width))
    yield replace(network, dropout=0.5 - network.dropout)
    yield replace(network, initialiser="uniform" if network.initialiser != "uniform" else "he")
    yield replace(network, normalisation="none" if network.normalisation == "layer" else "layer")
    yield replace(network, hidden=(*network.hidden, Layer(3, "relu")))
    for place, layer in enumerate(network.hidden):
        hidden = list(network.hidden)
        hidden[place] = replace(layer, width=layer.width + 1)
        yield replace(network, hidden=tuple(hidden))
        hidden[place] = replace(layer, residual=not layer.residual)
        yield replace(network, hidden=tuple(hidden))
        hidden[place] = replace(layer, stride=3 - layer.stride)
        yield replace(network, hidden=tuple(hidden))
        hidden[place] = replace(layer, activation="elu" if layer.activation != "elu" else "silu")
        yield replace(network, hidden=tuple(hidden))


def test_names_of_inputs_and_outputs_matter() -> None:
    def asked(source: str, target: str) -> Architecture:
        return Architecture(
            (InputNode(source, 4),),
            (OutputNode(target, "regression", 2),),
            (Network("n0", "regressor", 2),),
            (Connection(source, "n0"), Connection("n0", target)),
        )

    names = ("a", "y"), ("b", "y"), ("a", "z")
    assert len({asked(*pair).canonical_hash for pair in names}) == len(names)


def test_a_twin_matters_and_which_of_two_twins_does_not() -> None:
    twin = replace(WHOLE.network("n2"), name="n9")
    cloned = WHOLE.with_network(twin).with_connections(
        *(replace(c, target="n9") for c in WHOLE.incoming("n2")),
        *(replace(c, source="n9") for c in WHOLE.outgoing("n2")),
    )
    assert cloned.canonical_hash != WHOLE.canonical_hash
    first, second = cloned.without_network("n2"), cloned.without_network("n9")
    assert first != second
    assert first.canonical_hash == second.canonical_hash == WHOLE.canonical_hash


def _rings(*sizes: int) -> Architecture:
    """Networks in two ranks, joined in closed rings: every one has two neighbours of the other rank."""
    uppers: list[Network] = []
    connections: list[Connection] = []
    start = 0
    for size in sizes:
        for place in range(size):
            upper, lower = f"n{start + place}", f"n{100 + start + place}"
            uppers += [Network(upper, "regressor", 4), Network(lower, "regressor", 4)]
            connections += [Connection("x", upper), Connection(lower, "y")]
            connections.append(Connection(upper, lower))
            connections.append(Connection(upper, f"n{100 + start + (place + 1) % size}"))
        start += size
    return Architecture(
        (InputNode("x", 4),), (OutputNode("y", "regression", 4),), tuple(uppers), tuple(connections)
    )


def test_graphs_that_only_their_rings_tell_apart_differ() -> None:
    rings = [_rings(8), _rings(2, 6), _rings(4, 4), _rings(3, 5), _rings(2, 3, 3), _rings(2, 2, 2, 2)]
    hashes = {ring.canonical_hash for ring in rings}
    assert len(hashes) == len(rings)
    assert {renamed(shuffled(ring, 5), 5).canonical_hash for ring in rings} == hashes


def test_a_row_of_equal_networks_is_hashed() -> None:
    row = chain(200, 1000)
    assert renamed(row, 3).canonical_hash == row.canonical_hash
    assert row.without_connections(row.connections[500]).canonical_hash != row.canonical_hash


def test_equal_architectures_have_equal_hashes_however_a_zero_is_written() -> None:
    network = WHOLE.network("n0")
    written = [WHOLE.with_network(replace(network, dropout=zero)) for zero in (0, 0.0, -0.0)]
    assert len({architecture.canonical_hash for architecture in written}) == 1
    assert Architecture.from_json(written[0].to_json()).canonical_hash == WHOLE.canonical_hash

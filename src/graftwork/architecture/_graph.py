"""The immutable graph: inputs, sub-networks, outputs and the connections between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, Self

NetworkKind = Literal["regressor", "discretizer", "decoder"]
OutputKind = Literal["classification", "regression", "generation"]
Role = Literal["input", "residual", "stochastic", "condition"]
Carries = Literal["features", "values", "discrete", "samples"]

NETWORK_KINDS: tuple[NetworkKind, ...] = ("regressor", "discretizer", "decoder")
ROLES: tuple[Role, ...] = ("input", "residual", "stochastic", "condition")


@dataclass(frozen=True, slots=True)
class Layer:
    """A hidden layer: its number of units and its activation."""

    width: int
    activation: str


@dataclass(frozen=True, slots=True)
class Network:
    """A sub-network: hidden layers between the sum of its input blocks and its output units.

    Attributes:
        name: `n` and a number, unique in the architecture.
        kind: What it is; with what feeds it, this says what it produces.
        width: Units of its output layer.
        hidden: Hidden layers, from input to output.
        latent: Units of the diagonal Gaussian latent; decoders only, 0 elsewhere.
        initialiser: How its fresh weights are drawn.
        normalisation: Layer normalisation after each hidden layer's product, or none.
        residual: Whether a hidden layer as wide as the one before adds that one's values.
        dropout: Share of the units of each hidden layer that a training step leaves out, below 1.
    """

    name: str
    kind: NetworkKind
    width: int
    hidden: tuple[Layer, ...] = ()
    latent: int = 0
    initialiser: str = "he"
    normalisation: Literal["none", "layer"] = "none"
    residual: bool = False
    dropout: float = 0.0


@dataclass(frozen=True, slots=True)
class InputNode:
    """A model input of `width` numbers a row."""

    name: str
    width: int


@dataclass(frozen=True, slots=True)
class OutputNode:
    """A model output; the first `width` units of every network connected to it are summed."""

    name: str
    kind: OutputKind
    width: int


@dataclass(frozen=True, slots=True, order=True)
class Connection:
    """A directed connection.

    Its role is `stochastic` or `condition` into a decoder. Elsewhere it is `input`, or `residual`: an
    input that is also added, as it is, to the target's output units, which are as many as the source's.
    """

    source: str
    target: str
    role: Role = "input"


@dataclass(frozen=True)
class Architecture:
    """An immutable, hashable graph of sub-networks; it holds no weights and no data.

    Equality is of the value, names included; `canonical_hash` is that of the structure alone.
    Everything derived is computed from the connections of this very value, so nothing can go stale.
    """

    inputs: tuple[InputNode, ...]
    outputs: tuple[OutputNode, ...]
    networks: tuple[Network, ...]
    connections: tuple[Connection, ...]

    @cached_property
    def by_name(self) -> Mapping[str, InputNode | Network | OutputNode]:
        """Every node by its name."""
        nodes: list[InputNode | Network | OutputNode] = [*self.inputs, *self.networks, *self.outputs]
        return {node.name: node for node in nodes}

    @cached_property
    def network_names(self) -> frozenset[str]:
        """Names of the sub-networks."""
        return frozenset(network.name for network in self.networks)

    @cached_property
    def output_names(self) -> frozenset[str]:
        """Names of the outputs."""
        return frozenset(output.name for output in self.outputs)

    @cached_property
    def _incoming(self) -> Mapping[str, tuple[Connection, ...]]:
        return _group(self, [(connection.target, connection) for connection in self.connections])

    @cached_property
    def _outgoing(self) -> Mapping[str, tuple[Connection, ...]]:
        return _group(self, [(connection.source, connection) for connection in self.connections])

    def network(self, name: str) -> Network:
        """The sub-network of this name; `KeyError` where there is none."""
        node = self.by_name[name]
        if not isinstance(node, Network):
            raise KeyError(name)
        return node

    def incoming(self, name: str) -> tuple[Connection, ...]:
        """Connections that end at this node."""
        return self._incoming.get(name, ())

    def outgoing(self, name: str) -> tuple[Connection, ...]:
        """Connections that start at this node."""
        return self._outgoing.get(name, ())

    def sources(self, name: str) -> tuple[str, ...]:
        """Names of the nodes that feed this one."""
        return tuple(connection.source for connection in self.incoming(name))

    def receivers(self, name: str) -> tuple[str, ...]:
        """Names of the nodes that this one feeds."""
        return tuple(connection.target for connection in self.outgoing(name))

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Networks that lie on no cycle and behind none, each after all that feed it (Kahn)."""
        waiting = {n.name: sum(s in self.network_names for s in self.sources(n.name)) for n in self.networks}
        ready = [name for name, count in waiting.items() if count == 0]
        done: list[str] = []
        while ready:
            name = ready.pop()
            done.append(name)
            for target in self.receivers(name):
                if target in waiting:
                    waiting[target] -= 1
                    if waiting[target] == 0:
                        ready.append(target)
        return tuple(done)

    def downstream(self, names: frozenset[str]) -> frozenset[str]:
        """These nodes and all that can be reached from them."""
        return _reach(names, self.receivers)

    def upstream(self, names: frozenset[str]) -> frozenset[str]:
        """These nodes and all from which they can be reached."""
        return _reach(names, self.sources)

    @cached_property
    def carries(self) -> Mapping[str, Carries]:
        """What each input and each network in `order` hands on.

        A regressor that is fed by samples alone produces samples, else values.
        """
        carried: dict[str, Carries] = {node.name: "features" for node in self.inputs}
        for name in self.order:
            kind = self.network(name).kind
            if kind == "regressor":
                sources = self.sources(name)
                samples = bool(sources) and all(carried.get(source) == "samples" for source in sources)
                carried[name] = "samples" if samples else "values"
            else:
                carried[name] = "discrete" if kind == "discretizer" else "samples"
        return carried

    @cached_property
    def canonical_hash(self) -> str:
        """SHA-256 of the structure, blind to names of networks and to order; see `canonical_hash`."""
        from graftwork.architecture.canonical import canonical_hash

        return canonical_hash(self)

    def to_json(self) -> str:
        """This architecture as versioned JSON."""
        from graftwork.architecture.serialisation import to_json

        return to_json(self)

    @staticmethod
    def from_json(text: str) -> Architecture:
        """The architecture that `to_json` wrote; `InputError` or `NotViableError` for any other text."""
        from graftwork.architecture.serialisation import from_json

        return from_json(text)

    def fresh_name(self) -> str:
        """A network name that this architecture does not use."""
        numbers = [int(n.name[1:]) for n in self.networks if n.name[1:].isdigit()]
        return f"n{max(numbers, default=-1) + 1}"

    def with_network(self, network: Network) -> Self:
        """This architecture with one more network, or with the one of that name replaced."""
        kept = tuple(network if n.name == network.name else n for n in self.networks)
        return replace(self, networks=kept if network.name in self.network_names else (*kept, network))

    def without_network(self, name: str) -> Self:
        """This architecture without a network and without its connections."""
        networks = tuple(n for n in self.networks if n.name != name)
        connections = tuple(c for c in self.connections if name not in (c.source, c.target))
        return replace(self, networks=networks, connections=connections)

    def with_connections(self, *added: Connection) -> Self:
        """This architecture with more connections."""
        return replace(self, connections=(*self.connections, *added))

    def without_connections(self, *removed: Connection) -> Self:
        """This architecture with fewer connections."""
        return replace(self, connections=tuple(c for c in self.connections if c not in removed))


def _group(
    architecture: Architecture, pairs: list[tuple[str, Connection]]
) -> dict[str, tuple[Connection, ...]]:
    groups: dict[str, list[Connection]] = {name: [] for name in architecture.by_name}
    for name, connection in pairs:
        groups.setdefault(name, []).append(connection)
    return {name: tuple(group) for name, group in groups.items()}


def _reach(names: frozenset[str], step: Callable[[str], Iterable[str]]) -> frozenset[str]:
    seen, frontier = set(names), list(names)
    while frontier:
        for name in step(frontier.pop()):
            if name not in seen:
                seen.add(name)
                frontier.append(name)
    return frozenset(seen)

"""The immutable graph: inputs, sub-networks, outputs and the connections between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count
from typing import Literal, Self, get_args

NetworkKind = Literal[
    "regressor", "discretizer", "decoder", "embedding", "convolutional_encoder", "convolutional_decoder"
]
OutputKind = Literal["classification", "regression", "generation"]
Role = Literal["input", "residual", "stochastic", "condition"]
Carries = Literal["features", "codes", "values", "discrete", "samples"]
Reading = Literal["flatten", "pool"]
Shape = tuple[int, ...]

NETWORK_KINDS: tuple[NetworkKind, ...] = get_args(NetworkKind)
ROLES: tuple[Role, ...] = get_args(Role)
READINGS: tuple[Reading, ...] = get_args(Reading)
_MOST_NUMBERS = 10**9
_PRODUCED: Mapping[NetworkKind, Carries] = {
    "regressor": "values",
    "discretizer": "discrete",
    "decoder": "samples",
    "embedding": "values",
    "convolutional_encoder": "values",
    "convolutional_decoder": "samples",
}


@dataclass(frozen=True, slots=True)
class Layer:
    """A hidden layer.

    Attributes:
        width: Its number of units; of channels in a convolutional network.
        activation: What its units do.
        residual: Whether it adds the values of the layer before, which has as many units.
        stride: In a convolutional encoder the factor by which it shrinks the map, in a decoder the one by
            which what it hands on is enlarged; 1 elsewhere.
    """

    width: int
    activation: str
    residual: bool = False
    stride: int = 1


@dataclass(frozen=True, slots=True)
class Network:
    """A sub-network: hidden layers between the sum of its input blocks and its output units.

    Attributes:
        name: `n` and a number, unique in the architecture.
        kind: What it is; with what feeds it, this says what it produces.
        width: Units of its output layer; all numbers of its map in a convolutional network.
        hidden: Hidden layers, from input to output.
        latent: Units of the diagonal Gaussian latent; decoders only, 0 elsewhere.
        shape: (channels, height, width) of the map that a convolutional network produces; () elsewhere.
        initialiser: How its fresh weights are drawn.
        normalisation: Layer normalisation after each hidden layer's product, or none.
        dropout: Share of the units of each hidden layer that a training step leaves out, below 1.
    """

    name: str
    kind: NetworkKind
    width: int
    hidden: tuple[Layer, ...] = ()
    latent: int = 0
    shape: Shape = ()
    initialiser: str = "he"
    normalisation: Literal["none", "layer"] = "none"
    dropout: float = 0.0

    @property
    def is_decoder(self) -> bool:
        """Whether it generates from a latent, dense or convolutional."""
        return self.kind in ("decoder", "convolutional_decoder")

    @property
    def is_convolutional(self) -> bool:
        """Whether its layers are maps."""
        return self.kind in ("convolutional_encoder", "convolutional_decoder")


@dataclass(frozen=True, slots=True)
class InputNode:
    """A model input of `width` numbers a row.

    Attributes:
        name: What it is called.
        width: Numbers in a row.
        shape: (channels, height, width) of an image, whose numbers they are; () elsewhere.
        categories: Of a categorical input, how many codes from 0 on its single number can have; 0 elsewhere.
    """

    name: str
    width: int
    shape: Shape = ()
    categories: int = 0


@dataclass(frozen=True, slots=True)
class OutputNode:
    """A model output; the first `width` units of every network connected to it are summed.

    Attributes:
        name: What it is called.
        kind: What is asked.
        width: Numbers in a row.
        shape: (channels, height, width) of the images that are to be generated; () elsewhere.
    """

    name: str
    kind: OutputKind
    width: int
    shape: Shape = ()


@dataclass(frozen=True, slots=True, order=True)
class Connection:
    """A directed connection.

    Attributes:
        source: Where it starts.
        target: Where it ends.
        role: `stochastic` or `condition` into a decoder. Elsewhere `input`, or `residual`: an input that is
            also added, as it is, to the target's output units, which are as many as the source's.
        reading: How a map is read by what is not convolutional: `flatten` takes every number, `pool` the
            mean of each channel. Without a map it is `flatten`.
    """

    source: str
    target: str
    role: Role = "input"
    reading: Reading = "flatten"


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

    def __deepcopy__(self, memo: dict[int, object]) -> Architecture:
        """Itself: it never changes, and models are copied often."""
        return self

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
        carried: dict[str, Carries] = {
            node.name: "codes" if node.categories else "features" for node in self.inputs
        }
        for name in self.order:
            kind, sources = self.network(name).kind, self.sources(name)
            refines = kind == "regressor" and bool(sources)
            if refines and all(carried.get(source) == "samples" for source in sources):
                carried[name] = "samples"
            elif kind in _PRODUCED:
                carried[name] = _PRODUCED[kind]
        return carried

    @cached_property
    def parameter_shapes(self) -> Mapping[str, Shape]:
        """Shape of every parameter by name; see `parameter_shapes`."""
        from graftwork.architecture.parameters import compute_parameter_shapes

        return compute_parameter_shapes(self)

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
        numbers = {int(n.name[1:]) for n in self.networks if n.name[1:].isdigit()}
        after = max(numbers, default=-1) + 1
        free = after if after < _MOST_NUMBERS else next(n for n in count() if n not in numbers)
        return f"n{free}"

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

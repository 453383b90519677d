"""Problems and architectures that the tests of this package share."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

from graftwork.architecture import (
    Architecture,
    Connection,
    InputNode,
    Layer,
    Network,
    OutputNode,
    SearchSpace,
    random_architecture,
)


@dataclass(frozen=True)
class Port:
    width: int
    kind: str = ""
    shape: tuple[int, ...] = ()
    categories: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Asked:
    """A problem, as far as an architecture depends on it."""

    inputs: dict[str, Port] = field(default_factory=lambda: {"pixels": Port(64), "age": Port(1)})
    outputs: dict[str, Port] = field(
        default_factory=lambda: {
            "digit": Port(10, "classification"),
            "histogram": Port(16, "regression"),
            "image": Port(64, "generation"),
        }
    )


ASKED = Asked()
SPACES = (SearchSpace.paper(), SearchSpace.modern())

architectures = st.builds(
    lambda space, seed: random_architecture(ASKED, space, seed=seed),
    st.sampled_from(SPACES),
    st.integers(0, 10**6),
)

# Two networks of values feed a decoder that a distribution conditions; one of them adds the other's values.
WHOLE = Architecture(
    inputs=(InputNode("pixels", 64),),
    outputs=(
        OutputNode("digit", "classification", 10),
        OutputNode("histogram", "regression", 16),
        OutputNode("image", "generation", 64),
    ),
    networks=(
        Network("n0", "regressor", 20, (Layer(32, "relu"),)),
        Network("n1", "regressor", 20, (Layer(16, "tanh"), Layer(16, "tanh")), normalisation="layer"),
        Network("n2", "discretizer", 10, (Layer(24, "gelu"),)),
        Network("n3", "decoder", 64, (Layer(48, "silu"),), latent=8),
        Network("n4", "regressor", 64),
    ),
    connections=(
        Connection("pixels", "n0"),
        Connection("n0", "n1", "residual"),
        Connection("n0", "n2"),
        Connection("n1", "n3", "stochastic"),
        Connection("n2", "n3", "condition"),
        Connection("n3", "n4"),
        Connection("n2", "digit"),
        Connection("n1", "histogram"),
        Connection("n4", "image"),
        Connection("n3", "image"),
    ),
)


def shuffled(architecture: Architecture, seed: int) -> Architecture:
    """The same architecture, listed in another order."""
    rng = random.Random(seed)
    return replace(
        architecture,
        networks=tuple(rng.sample(architecture.networks, len(architecture.networks))),
        connections=tuple(rng.sample(architecture.connections, len(architecture.connections))),
        inputs=tuple(rng.sample(architecture.inputs, len(architecture.inputs))),
    )


def renamed(architecture: Architecture, seed: int) -> Architecture:
    """The same architecture with its networks called otherwise."""
    numbers = random.Random(seed).sample(range(1000), len(architecture.networks))
    names = {n.name: f"n{number}" for n, number in zip(architecture.networks, numbers, strict=True)}
    return replace(
        architecture,
        networks=tuple(replace(n, name=names[n.name]) for n in architecture.networks),
        connections=tuple(
            replace(c, source=names.get(c.source, c.source), target=names.get(c.target, c.target))
            for c in architecture.connections
        ),
    )


def chain(length: int, connections: int) -> Architecture:
    """A large architecture: networks in a row, and connections that skip some of them."""
    rng = random.Random(0)
    pairs = {(index, index + 1) for index in range(length - 1)}
    while len(pairs) < connections - 2:
        source, target = sorted(rng.sample(range(length), 2))
        pairs.add((source, target))
    return Architecture(
        inputs=(InputNode("pixels", 64),),
        outputs=(OutputNode("histogram", "regression", 16),),
        networks=tuple(Network(f"n{i}", "regressor", 16, (Layer(16, "relu"),)) for i in range(length)),
        connections=(
            Connection("pixels", "n0"),
            *(Connection(f"n{source}", f"n{target}") for source, target in sorted(pairs)),
            Connection(f"n{length - 1}", "histogram"),
        ),
    )

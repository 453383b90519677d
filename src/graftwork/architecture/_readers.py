"""Networks that stand before inputs: embeddings of categorical ones and encoders of images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from graftwork.architecture._graph import Connection, InputNode, NetworkKind
from graftwork.architecture.space import SearchSpace

_MOST_EMBEDDINGS = 3


@dataclass(frozen=True)
class Reader:
    """A network to be, and the inputs that it reads, for which it stands while a graph grows."""

    name: str
    kind: NetworkKind
    inputs: tuple[str, ...]

    @property
    def connections(self) -> tuple[Connection, ...]:
        """From its inputs to itself."""
        return tuple(Connection(name, self.name) for name in self.inputs)


def plain_inputs(inputs: Sequence[InputNode]) -> list[str]:
    """Names of the inputs that any network can read."""
    return [node.name for node in inputs if not node.categories]


def draw_readers(
    inputs: Sequence[InputNode],
    space: SearchSpace,
    rng: np.random.Generator,
    *,
    networks: int,
    connections: int,
) -> list[Reader]:
    """Readers within this room, one of embedding first where no other input is there.

    Categorical inputs share up to three embeddings. An image gets an encoder where the space says so, and is
    then read through it alone; an operator may connect it to others later.
    """
    readers = _embeddings([node.name for node in inputs if node.categories], rng, networks, connections)
    used = sum(len(reader.inputs) for reader in readers)
    for node in inputs:
        if node.shape and len(readers) < networks and used < connections and convolves(space, rng):
            readers.append(Reader(f"reader{len(readers)}", "convolutional_encoder", (node.name,)))
            used += 1
    return readers


def convolves(space: SearchSpace, rng: np.random.Generator) -> bool:
    """Whether a network of images is to be convolutional; drawn only where the space leaves it open."""
    if len(space.convolutions) == 1:
        return space.convolutions[0]
    return bool(rng.random() < 0.5)


def _embeddings(names: list[str], rng: np.random.Generator, networks: int, connections: int) -> list[Reader]:
    most = min(len(names), networks, connections, _MOST_EMBEDDINGS)
    if most < 1:
        return []
    count = int(rng.integers(1, most, endpoint=True))
    drawn = [names[index] for index in rng.permutation(len(names))][:connections]
    return [Reader(f"reader{n}", "embedding", tuple(drawn[n::count])) for n in range(count)]

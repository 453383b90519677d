"""What two networks are side by side in one, and where its weights come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from graftwork.architecture import (
    Architecture,
    Layer,
    Network,
    Shape,
    block_name,
    connection_parameter,
    gain_name,
    parameter_shapes,
)
from graftwork.variation.origins import Blocks, Identity, Kept, Ones, Origin, Scaled

_Block = tuple[Origin, Shape, tuple[int, ...]]


def fused(first: Network, second: Network, *, summed: bool) -> Network:
    """One network, called as the first, with the layers of both side by side.

    Args:
        first: Either both have hidden layers or none has.
        second: Its units come after those of the first.
        summed: Whether their output units are added up, or stand side by side too.
    """
    depth = max(len(first.hidden), len(second.hidden))
    normalised = first.normalisation == second.normalisation == "layer"
    return replace(
        first,
        width=max(first.width, second.width) if summed else first.width + second.width,
        hidden=tuple(_layer(first, second, index) for index in range(depth)),
        normalisation="layer" if normalised else "none",
    )


def computes_the_same(first: Network, second: Network) -> bool:
    """Whether side by side their layers compute what they computed apart."""
    layouts = [[(layer.activation, layer.residual) for layer in n.hidden] for n in (first, second)]
    # Softmax and layer normalisation look at all units of a layer, so that others beside them matter.
    joint = any(layer.activation == "softmax" for layer in first.hidden)
    joint |= bool(first.hidden) and "layer" in (first.normalisation, second.normalisation)
    return layouts[0] == layouts[1] and not joint


def fused_origins(
    architecture: Architecture, child: Architecture, first: str, second: str, *, output: str | None = None
) -> dict[str, Origin]:
    """Where the parameters come from of the network `first` of the child, in which `second` went up.

    Args:
        architecture: The parent, with both networks.
        child: The child, in which `first` reads what both read.
        first: Name of the one.
        second: Name of the other.
        output: The output that summed them up; without one, their output units stand side by side.
    """
    network, shapes = child.network(first), parameter_shapes(architecture)
    one = _part(architecture, first, network, output)
    two = _part(architecture, second, network, output, beside=one)
    made: dict[str, list[_Block]] = {}
    for part in (one, two):
        for source in architecture.sources(part.name):
            made.setdefault(block_name(first, source), []).append(part.reads(source, shapes))
        for index in range(len(network.hidden) + 1):
            for name, block in part.layer(index, normalised=network.normalisation == "layer").items():
                made.setdefault(f"networks.{first}.{name}", []).append(block)
    return {name: Blocks(tuple(blocks)) for name, blocks in made.items()}


def receiving_origins(
    architecture: Architecture, child: Architecture, first: str, second: str
) -> dict[str, Origin]:
    """Where the weights come from by which networks read the output units of both side by side."""
    shapes, corners = parameter_shapes(architecture), {first: 0, second: architecture.network(first).width}
    origins: dict[str, Origin] = {}
    for receiver in child.receivers(first):
        blocks: list[_Block] = []
        for name, corner in corners.items():
            if name in architecture.sources(receiver):
                read = connection_parameter(architecture, name, receiver)
                blocks.append((Kept(read), shapes[read], (0, corner)))
        origins[connection_parameter(child, first, receiver)] = Blocks(tuple(blocks))
    return origins


def _layer(first: Network, second: Network, index: int) -> Layer:
    there = [network.hidden[index] for network in (first, second) if index < len(network.hidden)]
    return Layer(
        _units(first, index) + _units(second, index),
        there[0].activation,
        residual=len(there) == 2 and all(layer.residual for layer in there),
    )


def _units(network: Network, index: int) -> int:
    """Units of a network in a hidden layer, or those that are handed on there."""
    return network.hidden[min(index, len(network.hidden) - 1)].width


def _part(
    architecture: Architecture, name: str, whole: Network, output: str | None, *, beside: _Part | None = None
) -> _Part:
    network, depth = architecture.network(name), len(whole.hidden)
    rows = (*(_units(network, index) for index in range(depth)), network.width)
    corners = list(beside.rows if beside else (0,) * (depth + 1))
    if output is not None:
        corners[-1] = 0
    gain = None if output is None else gain_name(output, name)
    return _Part(name, len(network.hidden), rows, tuple(corners), gain)


@dataclass(frozen=True, slots=True)
class _Part:
    """One of the two networks inside the one that they become.

    Attributes:
        name: What it is called in the parent.
        depth: Its own number of hidden layers; further ones hand its units on.
        rows: How many units it has in each layer, the output layer last.
        corners: Number of its first unit in each layer.
        gain: The gain that its output units are multiplied by; none where they are not.
    """

    name: str
    depth: int
    rows: tuple[int, ...]
    corners: tuple[int, ...]
    gain: str | None

    def reads(self, source: str, shapes: Mapping[str, Shape]) -> _Block:
        """Its block of weights that read a source."""
        name = block_name(self.name, source)
        return self._own(name, 0), shapes[name], (self.corners[0], 0)

    def layer(self, index: int, *, normalised: bool) -> dict[str, _Block]:
        """Its blocks of the other parameters of a layer, by their name within the network."""
        last, rows, corner = len(self.rows) - 1, self.rows[index], self.corners[index]
        handed_on = self.depth <= index < last
        own = self.depth if index == last else index
        blocks: dict[str, _Block] = {}
        if index:
            weight = Identity() if handed_on else self._own(f"networks.{self.name}.weight_{own}", index)
            shape, place = (rows, self.rows[index - 1]), (corner, self.corners[index - 1])
            blocks[f"weight_{index}"] = (weight, shape, place)
        if not handed_on:
            bias = self._own(f"networks.{self.name}.bias_{own}", index)
            blocks[f"bias_{index}"] = (bias, (rows,), (corner,))
        if normalised and index < last:
            blocks |= self._normalisation(index, handed_on=handed_on)
        return blocks

    def _normalisation(self, index: int, *, handed_on: bool) -> dict[str, _Block]:
        scale, shift = f"norm_weight_{index}", f"norm_bias_{index}"
        shape, corner = (self.rows[index],), (self.corners[index],)
        if handed_on:
            return {scale: (Ones(), shape, corner)}
        return {name: (Kept(f"networks.{self.name}.{name}"), shape, corner) for name in (scale, shift)}

    def _own(self, name: str, index: int) -> Origin:
        at_output = index == len(self.rows) - 1
        return Scaled(Kept(name), self.gain) if at_output and self.gain else Kept(name)

"""A model as a flat program: which operation computes which value of which others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from math import prod

from graftwork.architecture import (
    Architecture,
    Connection,
    InputNode,
    Network,
    block_name,
    gain_name,
    latent_block_name,
    parameter_shapes,
    shape_of,
)
from graftwork.training.part import is_trained


class Kind(IntEnum):
    """Operations, as engine.cpp numbers them."""

    GATHER = 0
    LINEAR = 1
    LOOK_UP = 2
    ACTIVATE = 3
    NORMALISE = 4
    DROP = 5
    ADD = 6
    POOL = 7
    LATENT = 8
    OUTPUT = 9
    SQUARES = 10
    ENTROPY = 11


class Flow(IntEnum):
    """What becomes of the gradient of an operand."""

    NONE = 0
    WRITE = 1
    ACCUMULATE = 2


FUNCTIONS = ("relu", "elu", "softplus", "softsign", "sigmoid", "tanh", "softmax", "gelu", "silu")
"""Activations, as engine.cpp numbers them; `identity` needs no operation."""

COVERED = frozenset({"regressor", "discretizer", "decoder", "embedding"})
"""Kinds of network that the native engine trains."""


@dataclass
class Step:
    """One operation; -1 is none."""

    kind: Kind
    out: int
    first: int = -1
    second: int = -1
    weight: int = -1
    bias: int = -1
    extra: int = -1
    loss: int = -1
    accumulate: bool = False
    flow_first: Flow = Flow.NONE
    flow_second: Flow = Flow.NONE

    def numbers(self) -> list[int]:
        """Its fields in order, as engine.cpp reads them."""
        return [int(number) for number in vars(self).values()]


@dataclass(frozen=True)
class Mask:
    """The units of a hidden layer that dropout keeps."""

    network: str
    rate: float
    width: int


@dataclass
class Program:
    """Everything that the compiled engine has to know of a model.

    Attributes:
        widths: Of each value, a matrix (rows, width).
        differentiable: Whether a value has a gradient.
        steps: Operations, in order.
        parameters: Names of the parameters that are read, in the order of their numbers.
        sources: What is read from a split, in the order of their numbers: (input, known or target; name).
        decoders: Name and latent units of the decoders that are passed, in the order in which they draw.
        masks: What dropout draws, in order.
        losses: Names of outputs, then of decoders, in the order of their numbers.
    """

    widths: list[int] = field(default_factory=list)
    differentiable: list[bool] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    parameters: list[str] = field(default_factory=list)
    sources: list[tuple[str, str]] = field(default_factory=list)
    decoders: list[tuple[str, int]] = field(default_factory=list)
    masks: list[Mask] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)


def uncovered(architecture: Architecture) -> frozenset[str]:
    """Kinds of network in an architecture that the native engine does not train."""
    return frozenset(network.kind for network in architecture.networks) - COVERED


def compile_program(
    architecture: Architecture,
    *,
    part: frozenset[str],
    needed: Iterable[str],
    known: Iterable[str],
    outputs: Iterable[str],
) -> Program:
    """The program of a model.

    Args:
        architecture: Its networks are of the kinds that are covered.
        part: Networks to train.
        needed: Networks to compute, in order.
        known: Networks whose `raw` is known.
        outputs: Names of the outputs to train on.
    """
    compiler = _Compiler(architecture, part)
    for name in known:
        compiler.raw[name] = compiler.gather("known", name, architecture.network(name).width)
    for name in needed:
        compiler.network(architecture.network(name))
    for name in outputs:
        compiler.output(name)
    _direct_gradients(compiler.program)
    return compiler.program


class _Compiler:
    def __init__(self, architecture: Architecture, part: frozenset[str]) -> None:
        self.architecture, self.part = architecture, part
        self.shapes = parameter_shapes(architecture)
        self.program = Program()
        self.raw: dict[str, int] = {}
        self._handed: dict[str, int] = {}
        self._pooled: dict[str, int] = {}
        self._numbers: dict[str, int] = {}
        self._losses: dict[str, int] = {}

    def gather(self, group: str, name: str, width: int) -> int:
        value = self._value(width, differentiable=False)
        self.program.steps.append(Step(Kind.GATHER, value, extra=self._source(group, name)))
        return value

    def network(self, network: Network) -> None:
        incoming = self.architecture.incoming(network.name)
        if network.is_decoder:
            self.raw[network.name] = self._decoder(network, incoming)
            return
        kind = Kind.LOOK_UP if network.kind == "embedding" else Kind.LINEAR
        blocks = [(self._read(c), block_name(network.name, c.source)) for c in incoming]
        value = self._layers(network, self._blocks(kind, blocks, f"networks.{network.name}.bias_0"))
        for connection in incoming:
            if connection.role == "residual":
                value = self._sum(value, self._node(connection.source))
        self.raw[network.name] = value

    def output(self, name: str) -> None:
        node = self.architecture.by_name[name]
        target = self._source("target", name)
        loss = self._loss(name)
        value = self._value(node.width, differentiable=False)
        kinds = {output.name: output.kind for output in self.architecture.outputs}
        kind = Kind.ENTROPY if kinds[name] == "classification" else Kind.SQUARES
        for position, source in enumerate(self.architecture.sources(name)):
            self.program.steps.append(
                Step(
                    Kind.OUTPUT,
                    value,
                    self.raw[source],
                    weight=self._parameter(gain_name(name, source)),
                    extra=kind,
                    loss=loss,
                    accumulate=position > 0,
                )
            )
        self.program.steps.append(Step(kind, value, extra=target, loss=loss))

    def _decoder(self, network: Network, incoming: Iterable[Connection]) -> int:
        prefix = f"networks.{network.name}"
        stochastic = [
            (self._read(c), latent_block_name(network.name, c.source))
            for c in incoming
            if c.role == "stochastic"
        ]
        conditions = [
            (self._read(c), block_name(network.name, c.source)) for c in incoming if c.role != "stochastic"
        ]
        posterior = self._blocks(Kind.LINEAR, stochastic, f"{prefix}.latent_bias")
        latent = self._value(network.latent, differentiable=self.program.differentiable[posterior])
        self.program.steps.append(
            Step(
                Kind.LATENT,
                latent,
                posterior,
                extra=len(self.program.decoders),
                loss=self._loss(network.name),
            )
        )
        self.program.decoders.append((network.name, network.latent))
        blocks = [(latent, f"{prefix}.from_latent"), *conditions]
        return self._layers(network, self._blocks(Kind.LINEAR, blocks, f"{prefix}.bias_0"))

    def _blocks(self, kind: Kind, blocks: list[tuple[int, str]], bias: str) -> int:
        """The sum of what weights make of values: the first layer of a network, or its latent."""
        names = [bias, *(name for _, name in blocks)]
        differentiable = self._trains(names) or any(self.program.differentiable[v] for v, _ in blocks)
        out = self._value(self.shapes[bias][0], differentiable=differentiable)
        for position, (value, weight) in enumerate(blocks):
            self.program.steps.append(
                Step(
                    kind,
                    out,
                    value,
                    weight=self._parameter(weight),
                    bias=-1 if position else self._parameter(bias),
                    accumulate=position > 0,
                )
            )
        return out

    def _layers(self, network: Network, value: int) -> int:
        prefix, previous = f"networks.{network.name}", value
        for index, layer in enumerate(network.hidden):
            if network.normalisation == "layer":
                scale, shift = f"{prefix}.norm_weight_{index}", f"{prefix}.norm_bias_{index}"
                value = self._apply(
                    Kind.NORMALISE, value, weight=self._parameter(scale), bias=self._parameter(shift)
                )
            if layer.activation != "identity":
                value = self._apply(Kind.ACTIVATE, value, extra=FUNCTIONS.index(layer.activation))
            if network.dropout and network.name in self.part:
                value = self._apply(Kind.DROP, value, extra=len(self.program.masks))
                self.program.masks.append(Mask(network.name, network.dropout, layer.width))
            if layer.residual:
                value = self._sum(value, previous)
            previous = value
            weight, bias = f"{prefix}.weight_{index + 1}", f"{prefix}.bias_{index + 1}"
            value = self._blocks(Kind.LINEAR, [(value, weight)], bias)
        return value

    def _apply(self, kind: Kind, value: int, *, weight: int = -1, bias: int = -1, extra: int = -1) -> int:
        names = [self.program.parameters[number] for number in (weight, bias) if number >= 0]
        differentiable = self.program.differentiable[value] or self._trains(names)
        out = self._value(self.program.widths[value], differentiable=differentiable)
        self.program.steps.append(Step(kind, out, value, weight=weight, bias=bias, extra=extra))
        return out

    def _sum(self, first: int, second: int) -> int:
        known = self.program.differentiable
        out = self._value(self.program.widths[first], differentiable=known[first] or known[second])
        self.program.steps.append(Step(Kind.ADD, out, first, second))
        return out

    def _read(self, connection: Connection) -> int:
        source = connection.source
        if connection.reading != "pool":
            return self._node(source)
        if source not in self._pooled:
            value = self._node(source)
            channels = shape_of(self.architecture, source)[0]
            out = self._value(channels, differentiable=self.program.differentiable[value])
            self.program.steps.append(Step(Kind.POOL, out, value))
            self._pooled[source] = out
        return self._pooled[source]

    def _node(self, name: str) -> int:
        """What a node hands on to networks."""
        if name not in self._handed:
            node = self.architecture.by_name[name]
            if isinstance(node, InputNode):
                self._handed[name] = self.gather("input", name, node.width)
            elif isinstance(node, Network) and node.kind == "discretizer":
                self._handed[name] = self._apply(
                    Kind.ACTIVATE, self.raw[name], extra=FUNCTIONS.index("softmax")
                )
            else:
                self._handed[name] = self.raw[name]
        return self._handed[name]

    def _value(self, width: int, *, differentiable: bool) -> int:
        self.program.widths.append(width)
        self.program.differentiable.append(differentiable)
        return len(self.program.widths) - 1

    def _trains(self, parameters: Iterable[str]) -> bool:
        return any(is_trained(name, self.part) for name in parameters)

    def _parameter(self, name: str) -> int:
        return _number(name, self._numbers, self.program.parameters)

    def _loss(self, name: str) -> int:
        return _number(name, self._losses, self.program.losses)

    def _source(self, group: str, name: str) -> int:
        self.program.sources.append((group, name))
        return len(self.program.sources) - 1


def parameter_layout(shapes: Mapping[str, tuple[int, ...]], *, alignment: int = 16) -> dict[str, int]:
    """Where each parameter begins among all of them, aligned.

    Example:
        >>> parameter_layout({"a": (3, 2), "b": (), "c": (20,)})
        {'a': 0, 'b': 16, 'c': 32}
    """
    layout, offset = {}, 0
    for name, shape in shapes.items():
        layout[name] = offset
        offset += -(-prod(shape) // alignment) * alignment
    return layout


def _number(name: str, numbers: dict[str, int], names: list[str]) -> int:
    if name not in numbers:
        numbers[name] = len(names)
        names.append(name)
    return numbers[name]


def _direct_gradients(program: Program) -> None:
    """In reverse order the first gradient that reaches a value is written, later ones are added."""
    reached: set[int] = set()

    def flow(value: int) -> Flow:
        if value < 0 or not program.differentiable[value]:
            return Flow.NONE
        first = value not in reached
        reached.add(value)
        return Flow.WRITE if first else Flow.ACCUMULATE

    for step in reversed(program.steps):
        if step.kind == Kind.OUTPUT or program.differentiable[step.out]:
            step.flow_first, step.flow_second = flow(step.first), flow(step.second)

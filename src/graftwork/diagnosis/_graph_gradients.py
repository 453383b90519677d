"""Gradients of a model of Graftwork: one pass forward, and one backward an output."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.nn.grad import conv2d_weight
from torch.overrides import TorchFunctionMode

from graftwork.diagnosis._diagnosis import connection_name
from graftwork.diagnosis._guard import refuse_inference
from graftwork.diagnosis._weight_gradients import WeightGradients
from graftwork.diagnosis.subject import Gradients
from graftwork.model import HeterogeneousModel

Tensors = dict[str, Tensor]
Losses = Callable[[str, Tensor], Tensor]
# Of how many rows it is found out what they give: enough to tell how sure their sum is.
_TOLD = 32


def graph_gradients(
    model: HeterogeneousModel,
    inputs: Mapping[str, Tensor],
    connections: Mapping[str, tuple[str, str]],
    losses: Losses,
    present: Mapping[str, Tensor],
    most_rows: int,
) -> Gradients:
    """Gradients on the first rows.

    Autograd goes back to what each layer makes of the rows. From that, and from what the layer read, comes
    what is read of the gradients by its weights; these are not kept, and those of single rows not made.

    Args:
        model: The model.
        inputs: (rows, width) of each input.
        connections: (source, target) of those that are differentiated too, by name.
        losses: Loss of each of the first rows, for the name of an output and their answers.
        present: Rows whose target is present, by output.
        most_rows: How many rows are read at most.

    Raises:
        InputError: Weights or rows are such that no gradient can be found by them.
    """
    rows = min(most_rows, len(next(iter(inputs.values()))))
    refuse_inference("model", model.parameters())
    refuse_inference("problem", inputs.values())
    with torch.enable_grad():
        given, answers, layers = _passed(
            model, {name: values[:rows] for name, values in inputs.items()}, connections
        )
        made = [layer.made for own in layers.values() for layer in own]
        found = Gradients(values={name: values.detach() for name, values in given.items()})
        back: dict[str, dict[int, Tensor]] = {}
        for output, answer in answers.items():
            count = max(int(present[output][:rows].sum()), 1)
            loss = losses(output, answer).sum() / count
            if not loss.requires_grad:
                continue
            wanted = [*given.values(), *made]
            gradients = torch.autograd.grad(loss, wanted, retain_graph=True, allow_unused=True)
            for name, gradient in zip(given, gradients, strict=False):
                if gradient is not None:
                    found.rows.setdefault(name, {})[output] = gradient * count
            by_layer = zip(made, gradients[len(given) :], strict=True)
            back[output] = {id(each): gradient for each, gradient in by_layer if gradient is not None}
    # Where targets are missing, the first rows may hold none of an output's.
    complete = all(bool(known[:rows].all()) for known in present.values())
    told = min(rows, _TOLD) if complete else rows
    with torch.no_grad():
        for name, own in layers.items():
            found.weights[name] = _of_weights(own, back, told)
    return found


def _of_weights(
    layers: Sequence[_Layer], back: Mapping[str, Mapping[int, Tensor]], told: int
) -> WeightGradients:
    outputs = [output for output, by in back.items() if any(id(layer.made) in by for layer in layers)]
    found = WeightGradients(outputs, len(layers[0].made), told, layers[0].made.device)
    for layer in layers if outputs else ():
        known = [back[output].get(id(layer.made)) for output in outputs]
        by = torch.stack([torch.zeros_like(layer.made) if each is None else each for each in known], dim=1)
        layer.enter(by, found)
    return found


class _Layer(ABC):
    """What a parameter of a network made of the rows.

    Attributes:
        made: (rows, ...).
    """

    made: Tensor

    @abstractmethod
    def enter(self, by: Tensor, into: WeightGradients) -> None:
        """Enter the gradients by the parameter.

        Args:
            by: Gradients of the mean losses by what was made, (rows, outputs, ...).
            into: What is read of them.
        """


@dataclass(frozen=True, eq=False)
class _Matrix(_Layer):
    """Rows (rows, read) are multiplied by a matrix (units, read).

    Attributes:
        read: (rows, read).
        weight: The matrix.
        norm: What the products are multiplied by in their turn, (rows, units, ...); by nothing unless told.
    """

    made: Tensor
    read: Tensor
    weight: Tensor
    norm: Tensor | None = None

    def enter(self, by: Tensor, into: WeightGradients) -> None:
        """A row's gradient is the outer product of two vectors: inner products need not make it."""
        by = by if self.norm is None else by * self.norm[:, None]
        # Of maps, what is added in every place.
        by = by if by.dim() == 3 else by.flatten(3).sum(dim=3)
        told, (_, outputs, units) = into.told, by.shape
        whole = by.flatten(1).T @ self.read
        signed = torch.copysign(self.weight.abs(), whole.view(outputs, units, -1)).view_as(whole)

        def along(directions: Tensor) -> Tensor:
            return (self.read[:told] @ directions.T).view(told, outputs, units)

        effects = torch.linalg.vecdot(by[:told], along(signed))
        products = by[:told] @ along(whole).mT
        into.enter(whole.view(outputs, -1), signed.view(outputs, -1), effects, products)


@dataclass(frozen=True, eq=False)
class _Kernels(_Layer):
    """Maps (rows, channels, height, width) are convolved.

    Attributes:
        read: The maps.
        weight: The kernels.
        how: Stride and padding.
    """

    made: Tensor
    read: Tensor
    weight: Tensor
    how: Mapping[str, Any]

    def enter(self, by: Tensor, into: WeightGradients) -> None:
        """As of a matrix: a convolution with gradients, and not a gradient for every row."""
        by, read = by.transpose(0, 1), self.read[: into.told]
        whole = [conv2d_weight(self.read, self.weight.shape, each, **self.how) for each in by]
        signed = [torch.copysign(self.weight.abs(), each) for each in whole]
        by = by[:, : len(read)]

        def along(direction: Tensor) -> Tensor:
            return F.conv2d(read, direction, **self.how)

        effects = [(own * along(each)).flatten(1).sum(dim=1) for own, each in zip(by, signed, strict=True)]
        products = [(by * along(each)).flatten(2).sum(dim=2) for each in whole]
        into.enter(
            torch.stack(whole).flatten(1),
            torch.stack(signed).flatten(1),
            torch.stack(effects, dim=1),
            torch.stack(products, dim=2).transpose(0, 1),
        )


def _passed(
    model: HeterogeneousModel, inputs: Tensors, connections: Mapping[str, tuple[str, str]]
) -> tuple[Tensors, Tensors, dict[str, list[_Layer]]]:
    """What every component gives, every answer, and the layers of every network."""
    graph, given = model.architecture, Tensors()
    handed, raw, layers = dict(inputs), Tensors(), dict[str, list[_Layer]]()

    def along(target: str, values: Mapping[str, Tensor]) -> Tensors:
        read = {source: values[source] for source in graph.sources(target)}
        for source, value in read.items():
            name = connection_name(source, target)
            if name in connections:
                # A tensor of its own, so that a gradient by it is that along this connection alone.
                own = value.view_as(value) if value.requires_grad else value.detach().requires_grad_()
                given[name] = read[source] = own
        return read

    for name in graph.order:
        kind, read = graph.network(name).kind, along(name, handed)
        if kind == "embedding":
            raw[name], layers[name] = _embedded(model, name, read)
        else:
            with _Recorder() as recorder:
                raw[name] = model.network_raw(name, read)
            layers[name] = recorder.layers
        given[name] = raw[name]
        handed[name] = torch.softmax(raw[name], dim=-1) if kind == "discretizer" else raw[name]
    answers = {output.name: model.answer(output.name, along(output.name, raw)) for output in graph.outputs}
    return given, answers, layers


class _Recorder(TorchFunctionMode):
    """Notes every layer with weights that is applied to rows."""

    def __init__(self) -> None:
        super().__init__()
        self.layers: list[_Layer] = []

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Apply a function of PyTorch, and note it where it is a layer."""
        made = func(*args, **(kwargs or {}))
        if func in _LAYERS:
            self.layers += _LAYERS[func](_differentiable(made), *args, **(kwargs or {}))
        return made


def _differentiable(made: Tensor) -> Tensor:
    """The same tensor; where its parameters are frozen, and all that it read, a gradient starts with it."""
    return made if made.requires_grad else made.requires_grad_()


def _embedded(model: HeterogeneousModel, network: str, values: Tensors) -> tuple[Tensor, list[_Layer]]:
    """Units of an embedding, whose tables are weights of the indicators of the codes that it reads."""
    module = model.network(network)
    entry, weights = module.entry(values), dict(module.named_parameters())
    made = _differentiable(entry[0])
    layers: list[_Layer] = [_bias(made, weights["bias_0"])]
    for source in model.architecture.sources(network):
        table = weights[f"from_{source}"].detach()
        codes = torch.arange(table.shape[1], device=made.device) == values[source]
        layers.append(_Matrix(made, codes.to(made), table))
    with _Recorder() as recorder:
        raw = module.leave(entry, values)
    return raw, layers + recorder.layers


def _bias(made: Tensor, bias: Tensor, norm: Tensor | None = None) -> _Layer:
    """A matrix for rows of one number that is always 1."""
    return _Matrix(made, made.detach().new_ones(len(made), 1), bias.detach()[:, None], norm)


def _linear(made: Tensor, read: Tensor, weight: Tensor, bias: Tensor | None = None) -> list[_Layer]:
    read, weight = read.detach(), weight.detach()
    if bias is not None:
        # A column of a number that is always 1.
        read, weight = F.pad(read, (0, 1), value=1.0), torch.cat([weight, bias.detach()[:, None]], dim=1)
    return [_Matrix(made, read, weight)]


def _addmm(made: Tensor, _: Tensor, read: Tensor, turned: Tensor) -> list[_Layer]:
    return _linear(made, read, turned.t())


def _conv2d(
    made: Tensor, read: Tensor, weight: Tensor, bias: Tensor | None = None, **how: Any
) -> list[_Layer]:
    kernels = _Kernels(made, read.detach(), weight.detach(), how)
    return [kernels] if bias is None else [kernels, _bias(made, bias)]


def _layer_norm(
    made: Tensor, read: Tensor, shape: Sequence[int], weight: Tensor, bias: Tensor, **how: Any
) -> list[_Layer]:
    return [_bias(made, weight, F.layer_norm(read.detach(), shape, **how)), _bias(made, bias)]


def _group_norm(
    made: Tensor, read: Tensor, groups: int, weight: Tensor, bias: Tensor, **how: Any
) -> list[_Layer]:
    return [_bias(made, weight, F.group_norm(read.detach(), groups, **how)), _bias(made, bias)]


_LAYERS: Mapping[Any, Callable[..., list[_Layer]]] = {
    F.linear: _linear,
    torch.addmm: _addmm,
    F.conv2d: _conv2d,
    F.layer_norm: _layer_norm,
    F.group_norm: _group_norm,
}

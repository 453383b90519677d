"""Gradients of a model of Graftwork: one pass forward, and one backward an output."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.nn.grad import conv2d_weight
from torch.overrides import TorchFunctionMode

from graftwork.diagnosis._diagnosis import connection_name
from graftwork.diagnosis._weight_gradients import WeightGradients
from graftwork.diagnosis.subject import FOLDS, Gradients
from graftwork.model import HeterogeneousModel

Tensors = dict[str, Tensor]
Losses = Callable[[str, Tensor], Tensor]
_Backward = Callable[[Tensor], Iterator[tuple[Tensor, Tensor]]]
_AT_HAND = 300_000  # Numbers that stay in the cache of a core while they are read several times.


def graph_gradients(
    model: HeterogeneousModel,
    inputs: Mapping[str, Tensor],
    connections: Mapping[str, tuple[str, str]],
    losses: Losses,
    present: Mapping[str, Tensor],
    most_rows: int,
) -> Gradients:
    """Gradients on the first rows, which fall into a few folds of one size.

    Autograd goes back to what each layer makes of the rows. From that, and from what the layer read, the
    gradients by its weights are made fold by fold, read, and not kept.

    Args:
        model: The model.
        inputs: (rows, width) of each input.
        connections: (source, target) of those that are differentiated too, by name.
        losses: Loss of each of the first rows, for the name of an output and their answers.
        present: Rows whose target is present, by output.
        most_rows: How many rows are read at most.
    """
    rows = min(most_rows, len(next(iter(inputs.values()))))
    folds = min(FOLDS, rows)
    rows -= rows % folds
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
    with torch.no_grad():
        for name, own in layers.items():
            found.weights[name] = _of_weights(own, back, folds)
    return found


def _of_weights(
    layers: Sequence[_Layer], back: Mapping[str, Mapping[int, Tensor]], folds: int
) -> WeightGradients:
    outputs = [output for output, by in back.items() if any(id(layer.made) in by for layer in layers)]
    found = WeightGradients(outputs, folds, layers[0].made.device)
    vectors = list[tuple[Tensor, Tensor]]()
    for layer in layers if outputs else ():
        known = [back[output].get(id(layer.made)) for output in outputs]
        by = torch.stack([torch.zeros_like(layer.made) if each is None else each for each in known])
        for weights, gradients in layer.gradients(by.unflatten(1, (folds, -1))):
            if weights.dim() == 1:
                vectors.append((weights, gradients))
            else:
                found.enter(weights.flatten(), gradients)
    if vectors:
        weights, gradients = (torch.cat(each, dim=-1) for each in zip(*vectors, strict=True))
        found.enter(weights, gradients)
    return found


@dataclass(frozen=True, eq=False)
class _Layer:
    """What some parameters of a network made of the rows.

    Attributes:
        made: (rows, ...).
        gradients: For the gradients by that, (outputs, folds, rows of a fold, ...), those by the parameters:
            some of their numbers and the gradients, (folds, outputs, numbers), at a time.
    """

    made: Tensor
    gradients: _Backward


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
            self.layers += [_Layer(made, each) for each in _LAYERS[func](*args, **(kwargs or {}))]
        return made


def _embedded(model: HeterogeneousModel, network: str, values: Tensors) -> tuple[Tensor, list[_Layer]]:
    """Units of an embedding, whose tables are weights of the indicators of the codes that it reads."""
    module = model.network(network)
    entry, weights = module.entry(values), dict(module.named_parameters())
    (made,) = entry
    layers = [_Layer(made, _of_bias(weights["bias_0"]))]
    for source in model.architecture.sources(network):
        table = weights[f"from_{source}"]
        codes = torch.arange(table.shape[1], device=made.device) == values[source]
        layers.append(_Layer(made, _of_matrix(codes.to(made), table)))
    with _Recorder() as recorder:
        raw = module.leave(entry, values)
    return raw, layers + recorder.layers


def _of_matrix(read: Tensor, weight: Tensor) -> _Backward:
    """A matrix (units, read) by which rows (rows, read) are multiplied."""

    def gradients(by: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        outputs, folds, _, _ = by.shape
        rows = read.detach().unflatten(0, (folds, -1))
        step = max(1, _AT_HAND // (outputs * folds * weight.shape[1]))
        for start in range(0, len(weight), step):
            turned = by[..., start : start + step].permute(1, 0, 3, 2).flatten(1, 2)
            yield weight[start : start + step], (turned @ rows).view(folds, outputs, -1)

    return gradients


def _of_bias(bias: Tensor) -> _Backward:
    """What is added to every row, and to every place of its maps."""

    def gradients(by: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        yield bias, by.sum(dim=[2, *range(4, by.dim())]).transpose(0, 1).contiguous()

    return gradients


def _of_scale(read: Tensor, scale: Tensor) -> _Backward:
    """What every row, and every place of its maps, is multiplied by."""

    def gradients(by: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        yield from _of_bias(scale)(by * read.detach().unflatten(0, by.shape[1:3]))

    return gradients


def _of_kernels(read: Tensor, weight: Tensor, **how: Any) -> _Backward:
    """Kernels by which maps are convolved."""

    def gradients(by: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        folds = read.detach().unflatten(0, by.shape[1:3])
        found = [
            torch.stack([conv2d_weight(maps, weight.shape, each, **how).flatten() for each in own])
            for maps, own in zip(folds, by.transpose(0, 1), strict=True)
        ]
        yield weight, torch.stack(found)

    return gradients


def _linear(read: Tensor, weight: Tensor, bias: Tensor | None = None) -> list[_Backward]:
    return [_of_matrix(read, weight)] + ([] if bias is None else [_of_bias(bias)])


def _addmm(_: Tensor, read: Tensor, turned: Tensor) -> list[_Backward]:
    return [_of_matrix(read, turned.t())]


def _conv2d(read: Tensor, weight: Tensor, bias: Tensor | None = None, **how: Any) -> list[_Backward]:
    return [_of_kernels(read, weight, **how)] + ([] if bias is None else [_of_bias(bias)])


def _layer_norm(
    read: Tensor, shape: Sequence[int], weight: Tensor, bias: Tensor, **how: Any
) -> list[_Backward]:
    return [_of_scale(F.layer_norm(read.detach(), shape, **how), weight), _of_bias(bias)]


def _group_norm(read: Tensor, groups: int, weight: Tensor, bias: Tensor, **how: Any) -> list[_Backward]:
    return [_of_scale(F.group_norm(read.detach(), groups, **how), weight), _of_bias(bias)]


_LAYERS: Mapping[Any, Callable[..., list[_Backward]]] = {
    F.linear: _linear,
    torch.addmm: _addmm,
    F.conv2d: _conv2d,
    F.layer_norm: _layer_norm,
    F.group_norm: _group_norm,
}

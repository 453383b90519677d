"""Gradients of a model of Graftwork, of all folds of rows at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap

from graftwork.diagnosis._diagnosis import connection_name
from graftwork.diagnosis.subject import FOLDS, GRADIENT_ROWS, Gradients
from graftwork.model import HeterogeneousModel

Tensors = dict[str, Tensor]
Losses = Callable[[str, Tensor], Tensor]


def graph_gradients(
    model: HeterogeneousModel,
    inputs: Mapping[str, Tensor],
    connections: Mapping[str, tuple[str, str]],
    losses: Losses,
    present: Mapping[str, Tensor],
) -> Gradients:
    """One pass forward and one backward an output.

    Every fold of rows, all of one size, has weights of its own, all alike, so that one pass backward gives
    the gradient of each fold. Each component has nothing added to what it gives: the gradient by that is the
    gradient by what it gives.

    Args:
        model: The model.
        inputs: (rows, width) of each input.
        connections: (source, target) of those that are differentiated too, by name.
        losses: Loss of each of the first rows, for the name of an output and their answers.
        present: Rows whose target is present, by output.
    """
    rows = min(GRADIENT_ROWS, len(next(iter(inputs.values()))))
    folds = min(FOLDS, rows)
    size = rows // folds
    rows = folds * size
    read = {name: values[:rows].view(folds, size, -1) for name, values in inputs.items()}
    weights = {
        name: parameter.detach().expand(folds, *parameter.shape).requires_grad_()
        for name, parameter in model.named_parameters(prefix="model")
    }
    wired = _Wired(model, connections)
    like = next(iter(weights.values()))
    nothing = {
        name: torch.zeros(folds, size, width, dtype=like.dtype, device=like.device, requires_grad=True)
        for name, width in wired.widths.items()
    }
    given, answers = vmap(lambda own, *more: functional_call(wired, own, more))(weights, read, nothing)
    found = Gradients(
        values={name: values.detach().flatten(0, 1) for name, values in given.items()},
        weights={
            name: [part[0] for part in _by_fold([p.detach()[None] for p in module.parameters()])]
            for name, module in model.networks.items()
        },
    )
    for output, answer in answers.items():
        count = max(int(present[output][:rows].sum()), 1)
        loss = losses(output, answer.flatten(0, 1)).sum() / count
        if loss.requires_grad:
            _enter(found, output, loss, nothing, weights, count)
    return found


def _enter(
    found: Gradients, output: str, loss: Tensor, nothing: Tensors, weights: Tensors, present: int
) -> None:
    wanted = [*nothing.values(), *weights.values()]
    gradients = torch.autograd.grad(loss, wanted, retain_graph=True, allow_unused=True)
    for name, gradient in zip(nothing, gradients, strict=False):
        if gradient is not None:
            found.rows.setdefault(name, {})[output] = gradient.flatten(0, 1) * present
    by_weight = dict(zip(weights, gradients[len(nothing) :], strict=True))
    for network, names in _owned(weights).items():
        if any(by_weight[name] is not None for name in names):
            found.folds.setdefault(network, {})[output] = _by_fold(
                [_or_zeros(by_weight[name], weights[name]) for name in names]
            )


def _owned(weights: Tensors) -> dict[str, list[str]]:
    """Names of the parameters of each network."""
    owned: dict[str, list[str]] = {}
    for name in weights:
        _, kind, network, *_ = name.split(".")
        if kind == "networks":
            owned.setdefault(network, []).append(name)
    return owned


def _by_fold(parameters: Sequence[Tensor]) -> list[Tensor]:
    """(folds, numbers) of parameters (folds, ...): of each, but of all vectors together.

    Matrices are turned as their gradients come, so that these need not be copied.
    """
    wide = [(each.mT if each.dim() == 3 else each).flatten(1) for each in parameters if each.dim() > 2]
    return [*wide, torch.cat([each for each in parameters if each.dim() == 2], dim=1)]


def _or_zeros(gradient: Tensor | None, weight: Tensor) -> Tensor:
    """Zeros that take no room where there is no gradient."""
    return weight.new_zeros(1).expand(weight.shape) if gradient is None else gradient


class _Wired(nn.Module):
    """A model whose components give what they give and something more."""

    def __init__(self, model: HeterogeneousModel, connections: Mapping[str, tuple[str, str]]) -> None:
        super().__init__()
        self.model, self._connections, self._graph = model, connections, model.architecture

    @property
    def widths(self) -> dict[str, int]:
        """Numbers a row that each component gives."""
        nodes = {node.name: node.width for node in self._graph.inputs}
        nodes |= {network.name: network.width for network in self._graph.networks}
        own = {name: nodes[name] for name in self._graph.order}
        return own | {name: nodes[source] for name, (source, _) in self._connections.items()}

    def forward(self, inputs: Tensors, more: Tensors) -> tuple[Tensors, Tensors]:
        """What every component gives, and every answer."""
        graph, given = self._graph, Tensors()
        handed, raw = dict(inputs), Tensors()

        def along(target: str, values: Mapping[str, Tensor]) -> Tensors:
            read = {source: values[source] for source in graph.sources(target)}
            for source in read:
                name = connection_name(source, target)
                if name in self._connections:
                    given[name] = read[source] = read[source] + more[name]
            return read

        for name in graph.order:
            raw[name] = given[name] = self.model.network_raw(name, along(name, handed)) + more[name]
            discrete = graph.network(name).kind == "discretizer"
            handed[name] = torch.softmax(raw[name], dim=-1) if discrete else raw[name]
        return given, {
            output.name: self.model.answer(output.name, along(output.name, raw)) for output in graph.outputs
        }

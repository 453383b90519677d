"""An architecture as one would write it in PyTorch by hand, to hold engines against.

A linear layer of concatenated sources instead of a block a source, no missing targets, no weights of losses,
no look at what is finite: nothing is in it that its arithmetic does not need.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from graftwork.architecture import Architecture, Network
from graftwork.model.activations import ACTIVATION_FUNCTIONS
from graftwork.problem import Problem


class PlainModel(nn.Module):
    """The networks of an architecture of the workload: regressors, discretizers and decoders."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.architecture = architecture
        self.posteriors, self.layers = nn.ModuleDict(), nn.ModuleDict()
        widths = {node.name: node.width for node in architecture.inputs}
        widths |= {network.name: network.width for network in architecture.networks}
        for network in architecture.networks:
            read = sum(widths[source] for source in architecture.sources(network.name))
            if network.is_decoder:
                self.posteriors[network.name] = nn.Linear(read, 2 * network.latent)
                read = network.latent
            sizes = [read, *(layer.width for layer in network.hidden), network.width]
            self.layers[network.name] = nn.ModuleList(map(nn.Linear, sizes, sizes[1:]))

    def forward(self, inputs: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], Tensor]:
        """Every output, and the KL of all decoders divided by their widths."""
        raw: dict[str, Tensor] = {}
        handed, divergence = dict(inputs), torch.zeros(())
        for name in self.architecture.order:
            network = self.architecture.network(name)
            read = torch.cat([handed[source] for source in self.architecture.sources(name)], dim=1)
            if network.is_decoder:
                mean, log_variance = self.posteriors[name](read).chunk(2, dim=1)
                read = mean + torch.randn_like(mean) * torch.exp(0.5 * log_variance)
                terms = log_variance.exp() + mean.square() - 1 - log_variance
                divergence = divergence + 0.5 * terms.sum(dim=1).mean() / network.width
            raw[name] = self._network(network, read)
            handed[name] = torch.softmax(raw[name], dim=1) if network.kind == "discretizer" else raw[name]
        outputs = {node.name: self._output(node.name, node.width, raw) for node in self.architecture.outputs}
        return outputs, divergence

    def _network(self, network: Network, values: Tensor) -> Tensor:
        activations = [*(layer.activation for layer in network.hidden), "identity"]
        for linear, name in zip(self.layers[network.name].children(), activations, strict=True):
            values = ACTIVATION_FUNCTIONS[name](linear(values))
        return values

    def _output(self, name: str, width: int, raw: Mapping[str, Tensor]) -> Tensor:
        first, *others = (raw[source][:, :width] for source in self.architecture.sources(name))
        for other in others:
            first = first + other
        return first


def plain_step(architecture: Architecture, problem: Problem) -> Callable[[Tensor], None]:
    """A training step by autograd and fused Adam, given the numbers of its rows."""
    model = PlainModel(architecture)
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    kinds = {output.name: output.kind for output in architecture.outputs}

    def step(rows: Tensor) -> None:
        inputs = {name: values.index_select(0, rows) for name, values in problem.train.inputs.items()}
        outputs, loss = model(inputs)
        for name, values in outputs.items():
            target = problem.train.targets[name].index_select(0, rows)
            loss = loss + (F.cross_entropy if kinds[name] == "classification" else F.mse_loss)(values, target)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    return step

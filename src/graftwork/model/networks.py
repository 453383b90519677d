"""The sub-networks as modules. Their parameter names and shapes are those of `architecture.parameters`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from graftwork.architecture import Architecture, Network, layer_widths
from graftwork.model.activations import ACTIVATION_FUNCTIONS
from graftwork.model.dropout import Dropout

_LOG_VARIANCE_LIMIT = 8.0


class DenseNetwork(nn.Module):
    """A regressor or a discretizer: a stack of layers whose first layer has one block a source."""

    def __init__(self, architecture: Architecture, network: Network) -> None:
        super().__init__()
        incoming = architecture.incoming(network.name)
        self.network = network
        self.sources = tuple(connection.source for connection in incoming)
        self.residual_sources = tuple(c.source for c in incoming if c.role == "residual")

    def forward(self, values: Mapping[str, Tensor], dropout: Dropout | None = None) -> Tensor:
        """Output units, (rows, width); those of a discretizer are logits."""
        blocks = [(values[source], self.get_parameter(f"from_{source}")) for source in self.sources]
        result = _stack(self, self.network, blocks, dropout)
        for source in self.residual_sources:
            result = result + values[source]
        return result


class DecoderNetwork(nn.Module):
    """A decoder: a diagonal Gaussian latent read from its stochastic inputs, then a stack of layers.

    Conditions are passed to the stack as they are, beside the latent.
    """

    def __init__(self, architecture: Architecture, network: Network) -> None:
        super().__init__()
        incoming = architecture.incoming(network.name)
        self.network = network
        self.stochastic = tuple(c.source for c in incoming if c.role == "stochastic")
        self.conditions = tuple(c.source for c in incoming if c.role == "condition")

    def posterior(self, values: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of the latent, each (rows, latent)."""
        blocks = [(values[source], self.get_parameter(f"latent_from_{source}")) for source in self.stochastic]
        mean, log_variance = _blocks(blocks, self.get_parameter("latent_bias")).chunk(2, dim=-1)
        # Bounded smoothly: an untrained posterior may not overflow in its exponential.
        return mean, _LOG_VARIANCE_LIMIT * torch.tanh(log_variance / _LOG_VARIANCE_LIMIT)

    def decode(self, latent: Tensor, values: Mapping[str, Tensor], dropout: Dropout | None = None) -> Tensor:
        """The generated array of each row, flat: (rows, width)."""
        blocks = [(latent, self.get_parameter("from_latent"))]
        blocks += [(values[source], self.get_parameter(f"from_{source}")) for source in self.conditions]
        return _stack(self, self.network, blocks, dropout)


def kl_divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL of each row's diagonal Gaussian from N(0, I), in nats: (rows,)."""
    return 0.5 * (log_variance.exp() + mean.square() - 1.0 - log_variance).sum(dim=-1)


def _blocks(blocks: Sequence[tuple[Tensor, Tensor]], bias: Tensor) -> Tensor:
    (first, weight), *rest = blocks
    total = F.linear(first, weight, bias)
    for values, weight in rest:
        total = torch.addmm(total, values, weight.t())
    return total


def _stack(
    module: nn.Module,
    network: Network,
    blocks: Sequence[tuple[Tensor, Tensor]],
    dropout: Dropout | None,
) -> Tensor:
    parameter = module.get_parameter
    widths, hidden = layer_widths(network), network.hidden
    current = previous = _blocks(blocks, parameter("bias_0"))
    for index, layer in enumerate(hidden):
        if network.normalisation == "layer":
            scale, shift = parameter(f"norm_weight_{index}"), parameter(f"norm_bias_{index}")
            current = F.layer_norm(current, (layer.width,), scale, shift)
        activated = ACTIVATION_FUNCTIONS[layer.activation](current)
        if dropout is not None:
            activated = dropout(network.name, network.dropout, activated)
        if network.residual and index > 0 and widths[index] == widths[index - 1]:
            activated = activated + previous
        previous = activated
        current = F.linear(activated, parameter(f"weight_{index + 1}"), parameter(f"bias_{index + 1}"))
    return current

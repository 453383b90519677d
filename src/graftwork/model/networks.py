"""The sub-networks as modules. Their parameter names and shapes are those of `architecture.parameters`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from graftwork.architecture import Architecture, Connection, Network, decoder_sizes, shape_of
from graftwork.model.activations import ACTIVATION_FUNCTIONS
from graftwork.model.dropout import Dropout

Block = Callable[[Tensor], Tensor]
Entry = tuple[Tensor, ...]
_LOG_VARIANCE_LIMIT = 8.0


class DenseNetwork(nn.Module):
    """A regressor, a discretizer or an embedding: a stack of layers whose first layer has one block a source.

    An embedding looks its blocks up by the codes that it reads.
    """

    def __init__(self, architecture: Architecture, network: Network) -> None:
        super().__init__()
        incoming = architecture.incoming(network.name)
        self.network = network
        self.sources = tuple(connection.source for connection in incoming)
        self.residual_sources = tuple(c.source for c in incoming if c.role == "residual")
        self.readings = _readings(architecture, incoming)

    def forward(self, values: Mapping[str, Tensor], dropout: Dropout | None = None) -> Tensor:
        """Output units, (rows, width); those of a discretizer are logits."""
        return self.leave(self.entry(values), values, dropout)

    def entry(self, values: Mapping[str, Tensor]) -> Entry:
        """What the first layer makes of what the sources hand on, before its activation."""
        first: Tensor = weight_of(self, "bias_0")
        if self.network.kind != "embedding":
            return (_blocks(_read(self, self.sources, values), first),)
        for source in self.sources:
            first = first + _looked_up(values[source], weight_of(self, f"from_{source}"))
        return (first,)

    def shifted(self, entry: Entry, changes: Mapping[str, Tensor]) -> Entry:
        """The entry after what some sources hand on has changed by so much; not of embeddings."""
        return (_added(entry[0], _read(self, [s for s in self.sources if s in changes], changes)),)

    def leave(self, entry: Entry, values: Mapping[str, Tensor], dropout: Dropout | None = None) -> Tensor:
        """Output units by the entry, and by what sources hand on past the layers."""
        result = _stack(self, self.network, entry[0], dropout)
        for source in self.residual_sources:
            result = result + values[source]
        return result


class ConvolutionalEncoder(nn.Module):
    """Convolutions of 3 x 3 over maps, one block of kernels a source; maps are handed on flat."""

    def __init__(self, architecture: Architecture, network: Network) -> None:
        super().__init__()
        incoming = architecture.incoming(network.name)
        self.network = network
        self.shapes = {c.source: shape_of(architecture, c.source) for c in incoming}
        self.residual_sources = tuple(c.source for c in incoming if c.role == "residual")

    def forward(self, values: Mapping[str, Tensor], dropout: Dropout | None = None) -> Tensor:
        """The map of each row, flat: (rows, width)."""
        return self.leave(self.entry(values), values, dropout)

    def entry(self, values: Mapping[str, Tensor]) -> Entry:
        """Maps of the first convolution, before its activation."""
        (first, *others) = self.shapes
        return self.shifted(
            (self._convolved(first, values, weight_of(self, "bias_0")),),
            {source: values[source] for source in others},
        )

    def shifted(self, entry: Entry, changes: Mapping[str, Tensor]) -> Entry:
        """The entry after what some sources hand on has changed by so much."""
        (current,) = entry
        for source in self.shapes:
            if source in changes:
                current = current + self._convolved(source, changes, None)
        return (current,)

    def leave(self, entry: Entry, values: Mapping[str, Tensor], dropout: Dropout | None = None) -> Tensor:
        """The map by the entry, and by what sources hand on past the layers."""
        strides = [layer.stride for layer in self.network.hidden[1:]] + [1]
        result = _stack(self, self.network, entry[0], dropout, strides).flatten(1)
        for source in self.residual_sources:
            result = result + values[source]
        return result

    def _convolved(self, source: str, values: Mapping[str, Tensor], bias: Tensor | None) -> Tensor:
        stride = self.network.hidden[0].stride if self.network.hidden else 1
        maps = values[source].unflatten(1, self.shapes[source])
        return F.conv2d(maps, weight_of(self, f"from_{source}"), bias, stride=stride, padding=1)


class DecoderNetwork(nn.Module):
    """A decoder: a diagonal Gaussian latent read from its stochastic inputs, then a stack of layers.

    Conditions are passed to the stack as they are, beside the latent. A convolutional one makes a small map
    of them, which its layers enlarge and convolve until it is the image.
    """

    def __init__(self, architecture: Architecture, network: Network) -> None:
        super().__init__()
        incoming = architecture.incoming(network.name)
        self.network = network
        self.stochastic = tuple(c.source for c in incoming if c.role == "stochastic")
        self.conditions = tuple(c.source for c in incoming if c.role == "condition")
        self.readings = _readings(architecture, incoming)

    def forward(self, values: Mapping[str, Tensor], dropout: Dropout | None = None) -> Tensor:
        """The array decoded from the mean of the posterior, flat: (rows, width)."""
        return self.leave(self.entry(values), values, dropout)

    def posterior(self, values: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of the latent, each (rows, latent)."""
        blocks = _read(self, self.stochastic, values, "latent_from")
        mean, log_variance = _blocks(blocks, weight_of(self, "latent_bias")).chunk(2, dim=-1)
        # Bounded smoothly: an untrained posterior may not overflow in its exponential.
        return mean, _LOG_VARIANCE_LIMIT * torch.tanh(log_variance / _LOG_VARIANCE_LIMIT)

    def decode(self, latent: Tensor, values: Mapping[str, Tensor], dropout: Dropout | None = None) -> Tensor:
        """The generated array of each row, flat: (rows, width)."""
        blocks = [(latent, weight_of(self, "from_latent")), *_read(self, self.conditions, values)]
        return self._decoded(_blocks(blocks, weight_of(self, "bias_0")), dropout)

    def entry(self, values: Mapping[str, Tensor]) -> Entry:
        """Posterior before its bounds, (rows, 2 latent), and the first layer without the latent."""
        latent = _blocks(_read(self, self.stochastic, values, "latent_from"), weight_of(self, "latent_bias"))
        first = weight_of(self, "bias_0").expand(len(latent), -1)
        return latent, _added(first, _read(self, self.conditions, values))

    def shifted(self, entry: Entry, changes: Mapping[str, Tensor]) -> Entry:
        """The entry after what some sources hand on has changed by so much."""
        stochastic, conditions = (
            [s for s in names if s in changes] for names in (self.stochastic, self.conditions)
        )
        latent = _added(entry[0], _read(self, stochastic, changes, "latent_from"))
        return latent, _added(entry[1], _read(self, conditions, changes))

    def leave(self, entry: Entry, values: Mapping[str, Tensor], dropout: Dropout | None = None) -> Tensor:
        """What is decoded from the mean of the posterior."""
        mean, _ = entry[0].chunk(2, dim=-1)
        return self._decoded(_added(entry[1], [(mean, weight_of(self, "from_latent"))]), dropout)

    def _decoded(self, first: Tensor, dropout: Dropout | None) -> Tensor:
        if not self.network.is_convolutional:
            return _stack(self, self.network, first, dropout)
        maps = first.unflatten(1, (self.network.hidden[0].width, *decoder_sizes(self.network)[0]))
        return _stack(self, self.network, maps, dropout, [1] * len(self.network.hidden)).flatten(1)


AnyNetwork = DenseNetwork | ConvolutionalEncoder | DecoderNetwork


def network_module(architecture: Architecture, network: Network) -> AnyNetwork:
    """The module of a network, without its parameters."""
    if network.is_decoder:
        return DecoderNetwork(architecture, network)
    if network.kind == "convolutional_encoder":
        return ConvolutionalEncoder(architecture, network)
    return DenseNetwork(architecture, network)


def kl_divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL of each row's diagonal Gaussian from N(0, I), in nats: (rows,)."""
    return 0.5 * (log_variance.exp() + mean.square() - 1.0 - log_variance).sum(dim=-1)


def weight_of(module: nn.Module, name: str) -> Tensor:
    """A parameter of a module, or what a functional call puts in its place."""
    # Not `get_parameter`, which takes longer than a small layer, and refuses what a functional call gives.
    weight = module._parameters[name]
    assert weight is not None
    return weight


def _as_it_is(values: Tensor) -> Tensor:
    return values


def _pooled(values: Tensor, channels: int) -> Tensor:
    maps: Tensor = values.unflatten(1, (channels, -1))
    return maps.mean(dim=2)


def _readings(architecture: Architecture, incoming: Sequence[Connection]) -> Mapping[str, Block]:
    """How each source is read by a network without maps."""
    return {
        c.source: partial(_pooled, channels=shape_of(architecture, c.source)[0])
        if c.reading == "pool"
        else _as_it_is
        for c in incoming
    }


def _looked_up(codes: Tensor, weight: Tensor) -> Tensor:
    """Columns of a weight (units, categories) by codes (rows, 1); nothing for a code that is none of them."""
    known = (codes >= 0) & (codes < weight.shape[1])
    numbers = torch.where(known, codes, -1.0).to(torch.int64).squeeze(1) + 1
    return F.embedding(numbers, F.pad(weight, (1, 0)).t())


def _read(
    module: DenseNetwork | DecoderNetwork,
    sources: Sequence[str],
    values: Mapping[str, Tensor],
    block: str = "from",
) -> list[tuple[Tensor, Tensor]]:
    """What each source hands on, as it is read, with the weight that reads it."""
    return [
        (module.readings[source](values[source]), weight_of(module, f"{block}_{source}"))
        for source in sources
    ]


def _blocks(blocks: Sequence[tuple[Tensor, Tensor]], bias: Tensor) -> Tensor:
    (first, weight), *rest = blocks
    return _added(F.linear(first, weight, bias), rest)


def _added(total: Tensor, blocks: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
    for values, weight in blocks:
        total = torch.addmm(total, values, weight.t())
    return total


def _stack(
    module: nn.Module,
    network: Network,
    first: Tensor,
    dropout: Dropout | None,
    strides: Sequence[int] | None = None,
) -> Tensor:
    """What the layers make of what the first one computed; `strides` are those of later convolutions."""
    parameter = partial(weight_of, module)
    sizes = (*decoder_sizes(network), network.shape[1:]) if network.kind == "convolutional_decoder" else ()
    current = previous = first
    for index, layer in enumerate(network.hidden):
        if network.normalisation == "layer":
            scale, shift = parameter(f"norm_weight_{index}"), parameter(f"norm_bias_{index}")
            current = _normalised(current, scale, shift)
        activated = _activated(layer.activation, current)
        if dropout is not None:
            activated = dropout(network.name, network.dropout, activated)
        if layer.residual:
            activated = activated + previous
        if layer.stride > 1 and sizes:
            activated = F.interpolate(activated, size=sizes[index + 1])
        previous = activated
        weight, bias = parameter(f"weight_{index + 1}"), parameter(f"bias_{index + 1}")
        if strides is None:
            current = F.linear(activated, weight, bias)
        else:
            current = F.conv2d(activated, weight, bias, stride=strides[index], padding=1)
    return current


def _normalised(values: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    if values.dim() == 2:
        return F.layer_norm(values, scale.shape, scale, shift)
    return F.group_norm(values, 1, scale, shift)  # over channels and positions alike


def _activated(activation: str, values: Tensor) -> Tensor:
    if activation == "softmax" and values.dim() == 4:
        return torch.softmax(values, dim=1)
    return ACTIVATION_FUNCTIONS[activation](values)

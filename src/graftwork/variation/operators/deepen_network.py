"""Deepen a network: a new hidden layer that hands on what it reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from graftwork.architecture import Architecture, Layer, Network
from graftwork.variation._base import Change, Draw, Operator, Refusal, Site, Tendency
from graftwork.variation.layers import layer_sites, renumbered
from graftwork.variation.origins import Fresh, Identity, Origin, Zeros

# Zero at zero, and with a slope there: what starts at zero can learn. That of relu would be dead.
_THROUGH_ZERO = ("identity", "elu", "softsign", "tanh", "gelu", "silu")
_NEVER_NEGATIVE = ("relu", "sigmoid", "softplus", "softmax")


class DeepenNetwork(Operator):
    """Put a new hidden layer after one, as wide as it, that starts by handing on what it reads.

    The new layer is residual and adds nothing at first, as its weights are zero, or under layer normalisation
    its scale. With relu, which would never leave zero, its weights are the identity instead, where what it
    reads is never negative. It has the activation of the layer before where that can be, else a drawn one.

    Source: Net2DeeperNet of Chen, Goodfellow and Shlens, "Net2Net: Accelerating Learning via Knowledge
    Transfer" (ICLR 2016); the scale that starts at zero is that of Goyal et al., "Accurate, Large Minibatch
    SGD" (2017).

    Example:
        >>> from graftwork.variation import OPERATORS
        >>> OPERATORS["deepen_network"].tendency
        'increasing'
    """

    name = "deepen_network"
    tendency: ClassVar[Tendency] = "increasing"

    def sites(self, architecture: Architecture) -> list[Site]:
        return layer_sites(architecture, lambda network, number: True)

    def _change(self, architecture: Architecture, site: Site, draw: Draw) -> Change | Refusal:
        network = architecture.network(site.nodes[0])
        activation = _activation(network, site.layer, draw)
        if activation is None:
            given = ", ".join(draw.space.activations)
            return Refusal(
                f"deepen_network at {site}: a layer that hands on what it reads can have none of the "
                f"activations {given}"
            )
        deeper = _with_layer(network, site.layer, activation)
        origins = renumbered(architecture, network, start=site.layer + 1, by=1)
        origins |= _new_parameters(deeper, site.layer + 1)
        return Change(architecture.with_network(deeper), origins, preserves=True)


def _activation(network: Network, layer: int, draw: Draw) -> str | None:
    own, drawn = (network.hidden[layer].activation,), draw.space.activations
    for choices in (own, drawn):
        if fitting := [choice for choice in choices if _fits(network, layer, choice)]:
            return fitting[int(draw.rng.integers(len(fitting)))]
    return None


def _fits(network: Network, layer: int, activation: str) -> bool:
    if activation == "relu":
        return network.normalisation == "none" and _never_negative(network.hidden[: layer + 1])
    return activation in _THROUGH_ZERO


def _never_negative(hidden: Sequence[Layer]) -> bool:
    """Whether what the last of these layers hands on never is."""
    *before, last = hidden
    return last.activation in _NEVER_NEGATIVE and (not last.residual or _never_negative(before))


def _with_layer(network: Network, layer: int, activation: str) -> Network:
    before = network.hidden[layer]
    new = Layer(before.width, activation, residual=activation != "relu")
    if network.kind == "convolutional_decoder":
        # It works on the map before that is enlarged, where a layer costs less.
        before, new = replace(before, stride=1), replace(new, stride=before.stride)
    hidden = (*network.hidden[:layer], before, new, *network.hidden[layer + 1 :])
    return replace(network, hidden=hidden)


def _new_parameters(network: Network, layer: int) -> dict[str, Origin]:
    weight: Origin = Zeros() if network.hidden[layer].residual else Identity()
    parts: dict[str, Origin] = {"weight": weight, "bias": Zeros()}
    if network.normalisation == "layer":
        # Zero weights would be blown up by the normalisation after a single step.
        parts |= {"weight": Fresh(), "norm_weight": Zeros(), "norm_bias": Zeros()}
    return {f"networks.{network.name}.{part}_{layer}": origin for part, origin in parts.items()}

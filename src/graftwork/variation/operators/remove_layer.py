"""Remove a hidden layer; the next one reads what it read."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from graftwork.architecture import Architecture, Network
from graftwork.variation._base import Change, Draw, Operator, Refusal, Site, Tendency
from graftwork.variation.layers import computing_weights, layer_sites, renumbered, with_hidden
from graftwork.variation.origins import Composed, Fresh, Kept, Origin


class RemoveLayer(Operator):
    """Remove a hidden layer and let the next one read what it read.

    Of a residual layer what it added goes, and the next keeps its weights. Elsewhere the next layer's weights
    are applied to those of the removed one, as if that were linear; kernels cannot be composed so, and are
    drawn anew. Of convolutional networks only layers go that leave the size of the map, and never the map
    that a decoder starts from.

    Source: the inverse of Net2DeeperNet of Chen, Goodfellow and Shlens, "Net2Net: Accelerating Learning via
    Knowledge Transfer" (ICLR 2016); the composition is ours.

    Example:
        >>> from graftwork.variation import OPERATORS
        >>> OPERATORS["remove_layer"].tendency
        'reducing'
    """

    name = "remove_layer"
    tendency: ClassVar[Tendency] = "reducing"

    def sites(self, architecture: Architecture) -> list[Site]:
        return layer_sites(architecture, _can_go)

    def _change(self, architecture: Architecture, site: Site, draw: Draw) -> Change | Refusal:
        network = architecture.network(site.nodes[0])
        origins = renumbered(architecture, network, start=site.layer + 1, by=-1)
        origins.pop(f"networks.{network.name}.weight_0", None)  # the first layer has a block a source instead
        if not network.hidden[site.layer].residual:
            origins |= _joined(architecture, network, site.layer)
        return Change(architecture.with_network(_without(network, site.layer)), origins)


def _can_go(network: Network, layer: int) -> bool:
    starts_map = layer == 0 and network.kind == "convolutional_decoder"
    return network.hidden[layer].stride == 1 and not starts_map


def _without(network: Network, layer: int) -> Network:
    before, after = list(network.hidden[:layer]), list(network.hidden[layer + 1 :])
    if after and (not before or before[-1].width != after[0].width):
        after[0] = replace(after[0], residual=False)
    return with_hidden(network, (*before, *after))


def _joined(architecture: Architecture, network: Network, layer: int) -> dict[str, Origin]:
    """Of the layer after, which gets the number of this one and the names of the weights of what it reads."""
    weights = [name for name, _ in computing_weights(architecture, network, range(layer, layer + 1))]
    if network.is_convolutional:
        return {name: Fresh() for name in weights}
    prefix = f"networks.{network.name}."
    second, bias = Kept(f"{prefix}weight_{layer + 1}"), f"{prefix}bias_{layer}"
    joined: dict[str, Origin] = {name: Composed(second, Kept(name)) for name in weights}
    return joined | {bias: Composed(second, Kept(bias), Kept(f"{prefix}bias_{layer + 1}"))}

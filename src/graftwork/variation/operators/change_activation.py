"""Change the activation of a hidden layer."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from graftwork.architecture import Architecture
from graftwork.variation._base import Change, Draw, Operator, Refusal, Site, Tendency
from graftwork.variation.layers import layer_sites


class ChangeActivation(Operator):
    """Draw another activation for a hidden layer; every weight is kept.

    Example:
        >>> from graftwork.variation import OPERATORS
        >>> OPERATORS["change_activation"].tendency
        'replacing'
    """

    name = "change_activation"
    tendency: ClassVar[Tendency] = "replacing"

    def sites(self, architecture: Architecture) -> list[Site]:
        return layer_sites(architecture, lambda network, number: True)

    def _change(self, architecture: Architecture, site: Site, draw: Draw) -> Change | Refusal:
        network = architecture.network(site.nodes[0])
        layer = network.hidden[site.layer]
        others = [name for name in draw.space.activations if name != layer.activation]
        if not others:
            return Refusal(
                f"change_activation at {site}: the space '{draw.space.name}' has no activations but "
                f"{layer.activation}"
            )
        other = replace(layer, activation=others[int(draw.rng.integers(len(others)))])
        hidden = (*network.hidden[: site.layer], other, *network.hidden[site.layer + 1 :])
        return Change(architecture.with_network(replace(network, hidden=hidden)))

"""An operator of your own: give a network layer normalisation, or take it away."""

from __future__ import annotations

from dataclasses import replace

import graftwork as gw
from graftwork.variation import Change, Draw


class ToggleNormalisation(gw.Operator):
    """Layer normalisation in a network that has none, and none in one that has it; other weights stay.

    Source: Ba, Kiros and Hinton, "Layer Normalization" (2016), for what is put in or taken out.
    """

    name = "toggle_normalisation"
    tendency = "replacing"

    def sites(self, architecture: gw.Architecture) -> list[gw.Site]:
        """Every network that has a hidden layer, which is what is normalised."""
        return [gw.Site("network", (network.name,)) for network in architecture.networks if network.hidden]

    def _change(self, architecture: gw.Architecture, site: gw.Site, draw: Draw) -> Change | gw.Refusal:
        network = architecture.network(site.nodes[0])
        other = replace(network, normalisation="none" if network.normalisation == "layer" else "layer")
        if other.normalisation not in draw.space.normalisations:
            wanted = other.normalisation
            return gw.Refusal(f"{self.name} at {site}: normalisations of the space hold no '{wanted}'")
        # Parameters that the second argument does not name keep their value where name and shape stay; new
        # ones, the scales and shifts, are drawn as a fresh network's are.
        return Change(architecture.with_network(other))

"""Reinitialise a network: a new hidden layout and fresh weights behind the same interface."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from graftwork.architecture import Architecture, random_network
from graftwork.variation._base import Change, Draw, Operator, Refusal, Site, Tendency
from graftwork.variation.inheritance import Fresh, network_parameters

_TRIES = 20


class ReinitialiseNetwork(Operator):
    """Draw a new hidden layout and fresh weights for one network; its interface stays.

    Kind, output width, latent size and connections stay, and so do the weights of the networks that read it.

    Source: Garciarena, Santana and Mendiburu (IEEE TNNLS 2023), `reinit`.

    Example:
        >>> from graftwork.variation import OPERATORS
        >>> OPERATORS["reinitialise_network"].tendency
        'replacing'
    """

    name: ClassVar[str] = "reinitialise_network"
    tendency: ClassVar[Tendency] = "replacing"

    def sites(self, architecture: Architecture) -> list[Site]:
        return [Site("network", (network.name,)) for network in architecture.networks]

    def _change(self, architecture: Architecture, site: Site, draw: Draw) -> Change | Refusal:
        network = architecture.network(site.nodes[0])
        for _ in range(_TRIES):
            drawn = random_network(
                draw.space, draw.rng, name=network.name, kind=network.kind, width=network.width
            )
            if drawn.hidden != network.hidden:
                child = architecture.with_network(replace(drawn, latent=network.latent))
                return Change(child, {name: Fresh() for name in network_parameters(child, network.name)})
        return Refusal(
            f"reinitialise_network at {site}: the space '{draw.space.name}' holds no other hidden layout"
        )

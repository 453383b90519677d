"""Reinitialise a network: a new hidden layout and fresh weights behind the same interface."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from graftwork.architecture import (
    Architecture,
    Network,
    random_convolutional_decoder,
    random_encoder,
    random_network,
    source_size,
)
from graftwork.variation._base import Change, Draw, Operator, Refusal, Site, Tendency
from graftwork.variation.inheritance import network_parameters
from graftwork.variation.origins import Fresh

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

    name = "reinitialise_network"
    tendency: ClassVar[Tendency] = "replacing"

    def sites(self, architecture: Architecture) -> list[Site]:
        return [Site("network", (network.name,)) for network in architecture.networks]

    def _change(self, architecture: Architecture, site: Site, draw: Draw) -> Change | Refusal:
        network = architecture.network(site.nodes[0])
        for _ in range(_TRIES):
            drawn = _drawn(architecture, network, draw)
            if drawn is not None and drawn.hidden != network.hidden:
                child = architecture.with_network(replace(drawn, latent=network.latent))
                return Change(child, {name: Fresh() for name in network_parameters(child, network.name)})
        return Refusal(
            f"reinitialise_network at {site}: the space '{draw.space.name}' holds no other hidden layout"
        )


def _drawn(architecture: Architecture, network: Network, draw: Draw) -> Network | None:
    space, rng, name = draw.space, draw.rng, network.name
    if network.kind == "convolutional_encoder":
        start = source_size(architecture, network)
        return random_encoder(space, rng, name=name, start=start, shape=network.shape)
    if network.kind == "convolutional_decoder":
        return random_convolutional_decoder(space, rng, name=name, shape=network.shape)
    return random_network(space, rng, name=name, kind=network.kind, width=network.width)

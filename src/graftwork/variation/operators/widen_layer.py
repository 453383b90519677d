"""Widen a hidden layer: more units, copies of those that it has."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from graftwork.architecture import Architecture, Network
from graftwork.variation._base import Change, Draw, Operator, Refusal, Site, Tendency
from graftwork.variation.layers import layer_sites, resized, run_from, width_limit, with_width
from graftwork.variation.origins import Divided, Origin, Picked


class WidenLayer(Operator):
    """Give a hidden layer more units, copies of drawn ones, and share out among copies what reads them.

    The shares are uneven and random, weight by weight: the function is preserved, and the copies can part.
    Layers that are linked by residual addition have their units in common and are widened together. Under
    layer normalisation every unit is doubled, so that the mean and the variance stay. Units of a softmax
    depend on one another; a run of layers that has one is left alone.

    Source: Net2WiderNet of Chen, Goodfellow and Shlens, "Net2Net: Accelerating Learning via Knowledge
    Transfer" (ICLR 2016); the uneven parts are ours.

    Example:
        >>> from graftwork.variation import OPERATORS
        >>> OPERATORS["widen_layer"].tendency
        'increasing'
    """

    name = "widen_layer"
    tendency: ClassVar[Tendency] = "increasing"

    def sites(self, architecture: Architecture) -> list[Site]:
        return layer_sites(architecture, _can_widen)

    def _change(self, architecture: Architecture, site: Site, draw: Draw) -> Change | Refusal:
        network = architecture.network(site.nodes[0])
        run = run_from(network, site.layer)
        units = _units(network, site.layer, draw)
        if units is None:
            limit, _, most = width_limit(network, draw.space)
            width = network.hidden[site.layer].width
            return Refusal(
                f"widen_layer at {site}: it has {width} units and the limit {limit} is at most {most}"
            )
        origins = resized(
            architecture,
            network,
            run,
            computing=partial(_picked, units=units),
            reading=partial(_divided, units=units, draw=draw),
        )
        return Change(
            architecture.with_network(with_width(network, run, len(units))), origins, preserves=True
        )


def _can_widen(network: Network, first: int) -> bool:
    activations = [network.hidden[number].activation for number in run_from(network, first)]
    return not network.hidden[first].residual and "softmax" not in activations


def _units(network: Network, layer: int, draw: Draw) -> tuple[int, ...] | None:
    """For each unit of the wider layer the one that it copies; none where the limit leaves no room."""
    width, (_, _, most) = network.hidden[layer].width, width_limit(network, draw.space)
    room = min(width, most - width)
    present = tuple(range(width))
    if network.normalisation == "layer":
        return present * 2 if room == width else None
    if room < 1:
        return None
    extra = int(draw.rng.integers(1, room, endpoint=True))
    return present + tuple(draw.rng.integers(width, size=extra).tolist())


def _picked(of: Origin, block: int, *, units: tuple[int, ...]) -> Origin:
    return Picked(of, 0, units, block)


def _divided(of: Origin, *, units: tuple[int, ...], draw: Draw) -> Origin:
    # Each layer of a run has parts of its own.
    return Divided(of, units, int(draw.rng.integers(2**31)))

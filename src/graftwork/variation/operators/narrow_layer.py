"""Narrow a hidden layer: it loses its least salient units."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from graftwork.architecture import Architecture, Network
from graftwork.variation._base import Change, Draw, Operator, Refusal, Site, Tendency
from graftwork.variation.layers import (
    computing_weights,
    layer_sites,
    reading_weights,
    resized,
    run_from,
    width_limit,
    with_width,
)
from graftwork.variation.origins import MostSalient, Origin, Salience


class NarrowLayer(Operator):
    """Drop up to half of the units of a hidden layer, the least salient ones; the others keep their weights.

    Layers that are linked by residual addition have their units in common and are narrowed together.

    Source: the magnitude criterion of Li et al., "Pruning Filters for Efficient ConvNets" (ICLR 2017), of
    what computes a unit times what reads it.

    Example:
        >>> from graftwork.variation import OPERATORS
        >>> OPERATORS["narrow_layer"].tendency
        'reducing'
    """

    name = "narrow_layer"
    tendency: ClassVar[Tendency] = "reducing"

    def sites(self, architecture: Architecture) -> list[Site]:
        return layer_sites(architecture, lambda network, number: not network.hidden[number].residual)

    def _change(self, architecture: Architecture, site: Site, draw: Draw) -> Change | Refusal:
        network = architecture.network(site.nodes[0])
        limit, least, _ = width_limit(network, draw.space)
        width, run = network.hidden[site.layer].width, run_from(network, site.layer)
        if width <= least:
            return Refusal(
                f"narrow_layer at {site}: it has {width} units and the limit {limit} is at least {least}"
            )
        keep = int(draw.rng.integers(max(least, -(-width // 2)), width))
        salience = _salience(architecture, network, run, keep)
        origins = resized(
            architecture,
            network,
            run,
            computing=partial(_rows, salience=salience),
            reading=partial(_columns, salience=salience),
        )
        return Change(architecture.with_network(with_width(network, run, keep)), origins)


def _salience(architecture: Architecture, network: Network, run: range, keep: int) -> Salience:
    return Salience(computing_weights(architecture, network, run), reading_weights(network, run), keep)


def _rows(of: Origin, block: int, *, salience: Salience) -> Origin:
    return MostSalient(of, 0, salience, block)


def _columns(of: Origin, *, salience: Salience) -> Origin:
    return MostSalient(of, 1, salience)

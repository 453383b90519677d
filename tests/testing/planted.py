"""Operators that break one promise each, and one that keeps them all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from graftwork.architecture import Architecture, Layer
from graftwork.variation import (
    Change,
    Draw,
    Fresh,
    Grafted,
    Kept,
    Operator,
    Origin,
    Refusal,
    ReinitialiseNetwork,
    Site,
    Variation,
    Weights,
)

UNSEEDED = np.random.default_rng()


class Sound(ReinitialiseNetwork):
    """Keeps every promise."""

    name = "planted"


class Bypassing(Sound):
    """Does as it likes with what `apply` has checked."""

    def apply(self, *arguments: Any, **options: Any) -> Any:  # type: ignore[misc]
        answer = super().apply(*arguments, **options)
        return self.altered(answer) if isinstance(answer, Variation) else answer

    def altered(self, variation: Variation) -> Variation:
        raise NotImplementedError


class Changing(Sound):
    """Changes what a sound change is."""

    def _change(self, architecture: Architecture, site: Site, draw: Draw) -> Change | Refusal:
        change = super()._change(architecture, site, draw)
        return self.altered(change, architecture, draw) if isinstance(change, Change) else change

    def altered(self, change: Change, parent: Architecture, draw: Draw) -> Change | Refusal:
        raise NotImplementedError


@dataclass(frozen=True)
class Made(Origin):
    """A parameter of the parent, made into something."""

    parameter: str
    make: Callable[[Tensor], Tensor]

    def value(self, weights: Weights) -> Tensor:
        return self.make(weights.parent[self.parameter].clone())

    def __str__(self) -> str:
        return f"made of {self.parameter}"


def infinite(value: Tensor) -> Tensor:
    return value + torch.inf


def unseeded(value: Tensor) -> Tensor:
    return value + float(UNSEEDED.random())


def nearly(value: Tensor) -> Tensor:
    return value * (1 + 0.9e-5)


class Dishonest(Kept):
    """Says that it keeps, and does not."""

    def value(self, weights: Weights) -> Tensor:
        return super().value(weights) + 1e-6


def gains(architecture: Architecture) -> list[str]:
    return [f"outputs.{c.target}.gain_{c.source}" for c in _into_outputs(architecture)]


def _into_outputs(architecture: Architecture) -> list[Any]:
    return [c for c in architecture.connections if c.target in architecture.output_names]


class FalsePromise(Changing):
    def altered(self, change: Change, parent: Architecture, draw: Draw) -> Change:
        return replace(change, preserves=True)


class Mutating(Changing):
    def altered(self, change: Change, parent: Architecture, draw: Draw) -> Change:
        object.__setattr__(parent, "connections", parent.connections[::-1])
        return change


class Doubling(Bypassing):
    def altered(self, variation: Variation) -> Variation:
        child = variation.architecture
        return replace(variation, architecture=child.with_connections(child.connections[0]))


class Orphaning(Bypassing):
    def altered(self, variation: Variation) -> Variation:
        child = variation.architecture
        lost = child.outgoing(variation.site.nodes[0])
        return replace(variation, architecture=child.without_connections(*lost))


class Oversized(Bypassing):
    def altered(self, variation: Variation) -> Variation:
        child = variation.architecture
        network = replace(child.network(variation.site.nodes[0]), hidden=(Layer(1000, "relu"),))
        return replace(variation, architecture=child.with_network(network))


class Unseeded(Changing):
    def altered(self, change: Change, parent: Architecture, draw: Draw) -> Change:
        child = change.architecture
        networks = [child.networks[index] for index in UNSEEDED.permutation(len(child.networks))]
        layer = Layer(int(UNSEEDED.integers(16, 90)), "relu")
        networks[0] = replace(networks[0], hidden=(layer, layer))
        return replace(change, architecture=replace(child, networks=tuple(networks)), origins={})


class Repeating(Sound):
    def sites(self, architecture: Architecture) -> list[Site]:
        return 2 * super().sites(architecture)


class Inventing(Sound):
    def sites(self, architecture: Architecture) -> list[Site]:
        return [*super().sites(architecture), Site("pair", ("n998", "n999"))]

    def _change(self, architecture: Architecture, site: Site, draw: Draw) -> Change | Refusal:
        there = site if site.kind == "network" else self.sites(architecture)[0]
        return super()._change(architecture, there, draw)


class Accepting(Sound):
    def _is_site(self, architecture: Architecture, site: Site) -> bool:
        return True

    def _change(self, architecture: Architecture, site: Site, draw: Draw) -> Change | Refusal:
        there = site if site in self.sites(architecture) else self.sites(architecture)[0]
        return super()._change(architecture, there, draw)


class Failing(Sound):
    def _change(self, architecture: Architecture, site: Site, draw: Draw) -> Change | Refusal:
        raise KeyError(site.nodes[0])


class FailingSites(Sound):
    def sites(self, architecture: Architecture) -> list[Site]:
        raise KeyError(architecture.networks[0].name)


class WrongShape(Changing):
    def altered(self, change: Change, parent: Architecture, draw: Draw) -> Change:
        first = f"networks.{parent.networks[0].name}.bias_0"
        return replace(change, origins=dict.fromkeys(gains(parent), Kept(first)))


class IncompletePlan(Bypassing):
    def altered(self, variation: Variation) -> Variation:
        return replace(variation, inheritance={**variation.inheritance, "networks.n0.more": Fresh()})


class Lying(Changing):
    def altered(self, change: Change, parent: Architecture, draw: Draw) -> Change:
        return replace(
            change, origins={**change.origins, **{name: Dishonest(name) for name in gains(parent)}}
        )


class Idle(Sound):
    def _change(self, architecture: Architecture, site: Site, draw: Draw) -> Change:
        return Change(replace(architecture, connections=architecture.connections[::-1]))


class Silent(Sound):
    def _change(self, architecture: Architecture, site: Site, draw: Draw) -> Refusal:
        return Refusal(" ")


class Nameless(Sound):
    def _change(self, architecture: Architecture, site: Site, draw: Draw) -> Refusal:
        return Refusal("it cannot be done")


class Unlimited(Changing):
    def altered(self, change: Change, parent: Architecture, draw: Draw) -> Change | Refusal:
        full = len(parent.networks) == draw.space.max_networks
        return Refusal("planted: there is no room") if full else change


class Misnamed(Bypassing):
    def altered(self, variation: Variation) -> Variation:
        return replace(variation, operator="clone_network")


class NarrowlyTrained(Bypassing):
    def altered(self, variation: Variation) -> Variation:
        return replace(variation, affected=frozenset(variation.site.nodes))


class FarAway(Changing):
    """Draws networks anew that nobody would then train."""

    def altered(self, change: Change, parent: Architecture, draw: Draw) -> Change:
        every = list(change.origins) + [f"networks.{network.name}.bias_0" for network in parent.networks]
        more = {name: change.origins.get(name, Made(name, torch.ones_like)) for name in every}
        return replace(change, origins=more)


class Unreadable(Bypassing):
    def altered(self, variation: Variation) -> Variation:
        child = variation.architecture
        network = child.network(variation.site.nodes[0])
        shaped = replace(network, hidden=list(network.hidden))  # type: ignore[arg-type]
        return replace(variation, architecture=child.with_network(shaped))


class Rehashing(Bypassing):
    def altered(self, variation: Variation) -> Variation:
        child = replace(variation.architecture)
        child.__dict__["canonical_hash"] = "0"
        return replace(variation, architecture=child)


class Chancy(Changing):
    def altered(self, change: Change, parent: Architecture, draw: Draw) -> Change:
        more: Mapping[str, Origin] = {name: Made(name, unseeded) for name in gains(parent)}
        return replace(change, origins={**change.origins, **more})


class Exploding(Changing):
    def altered(self, change: Change, parent: Architecture, draw: Draw) -> Change:
        more: Mapping[str, Origin] = {name: Made(name, infinite) for name in gains(parent)}
        return replace(change, origins={**change.origins, **more})


class Blinding(Sound):
    """Hands on a constant: what feeds such a network alone is never trained."""

    def _change(self, architecture: Architecture, site: Site, draw: Draw) -> Change:
        network = architecture.network(site.nodes[0])
        constant = (Layer(int(draw.rng.integers(2, 60)), "relu"), Layer(1, "softmax"))
        return Change(architecture.with_network(replace(network, hidden=constant)))


class Drifting(Sound):
    """Promises to preserve, and in three steps loses what one may."""

    def sites(self, architecture: Architecture) -> list[Site]:
        return [Site("model")]

    def _change(self, architecture: Architecture, site: Site, draw: Draw) -> Change:
        return Change(architecture, {name: Made(name, nearly) for name in gains(architecture)}, True)


class Borrowing(Operator):
    """Takes gains from a donor; sound, unless what it says is grafted is not."""

    name = "borrowing"
    tendency = "replacing"
    origin: type[Grafted] = Grafted

    def __init__(self, *, donor: Architecture | None = None) -> None:
        self.donor = donor

    def sites(self, architecture: Architecture) -> list[Site]:
        there = self.donor is not None and set(gains(architecture)) & set(gains(self.donor))
        return [Site("model")] if there else []

    def _change(self, architecture: Architecture, site: Site, draw: Draw) -> Change:
        assert self.donor is not None
        both = set(gains(architecture)) & set(gains(self.donor))
        return Change(architecture, {name: self.origin(name) for name in both})


class _NotGrafted(Grafted):
    def value(self, weights: Weights) -> Tensor:
        return weights.parent[self.parameter] + 1.0


class Stealing(Borrowing):
    origin = _NotGrafted

"""What every operator promises, whatever the parent and whatever came before."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from math import prod

import pytest
from hypothesis import given
from tests.variation.samples import ASKED, SPACES, chains, operator_sites, parents

from graftwork.architecture import (
    Architecture,
    SearchSpace,
    parameter_shapes,
    random_architecture,
)
from graftwork.variation import (
    OPERATORS,
    Kept,
    Refusal,
    Shared,
    Variation,
)

GROWING = {
    "max_networks": ("divide_connection", "divide_connection_random", "clone_network"),
    "max_connections": ("add_connection", "add_connection_random", "divide_connection", "clone_network"),
    "max_parameters": ("add_connection", "clone_network", "widen_layer", "deepen_network"),
}


# Operators that take a network, with its place among the nodes of the site.
GOING = {"bypass_network": 0, "merge_networks": 1}


def applied(architecture: Architecture, space: SearchSpace, seed: int = 0) -> list[Variation]:
    tried = [
        op.apply(architecture, site, seed=seed, space=space) for op, site in operator_sites(architecture)
    ]
    return [variation for variation in tried if isinstance(variation, Variation)]


@given(chains())
def test_networks_come_and_go_only_as_the_operator_says(chain: tuple[SearchSpace, list[Variation]]) -> None:
    for variation in chain[1]:
        gone = variation.parent.network_names - variation.architecture.network_names
        new = variation.architecture.network_names - variation.parent.network_names
        assert gone == set(variation.site.nodes[GOING.get(variation.operator, 99) :])
        assert len(new) == (variation.operator in GROWING["max_networks"])
        assert variation.architecture.inputs == variation.parent.inputs
        assert variation.architecture.outputs == variation.parent.outputs


@given(chains())
def test_what_is_not_touched_keeps_its_weights(chain: tuple[SearchSpace, list[Variation]]) -> None:
    for variation in chain[1]:
        parent, child = variation.parent, variation.architecture
        for network in child.networks:
            merged = variation.operator == "merge_networks" and variation.site.nodes[0]
            same = parent.by_name.get(network.name) == network and network.name != merged
            if same and set(parent.incoming(network.name)) == set(child.incoming(network.name)):
                own = [name for name in variation.inheritance if name.startswith(f"networks.{network.name}.")]
                # What reads a merged network reads more units of it.
                own = [name for name in own if not name.endswith(f"from_{merged}")]
                kept = {name: variation.inheritance[name] for name in own}
                assert variation.operator == "clone_network" or kept == {name: Kept(name) for name in own}


@given(chains())
def test_shares_come_in_pairs_that_make_a_whole(chain: tuple[SearchSpace, list[Variation]]) -> None:
    for variation in chain[1]:
        shares = Counter(origin for origin in variation.inheritance.values() if isinstance(origin, Shared))
        assert all(count == 1 for count in shares.values())
        assert all(replace(share, remainder=not share.remainder) in shares for share in shares)
        assert bool(shares) == (variation.operator == "clone_network")


@pytest.mark.parametrize("space", SPACES, ids=lambda space: space.name)
def test_every_operator_applies_somewhere_in_most_parents(space: SearchSpace) -> None:
    # A graft needs a donor; of random networks few lie side by side and are narrow enough to be merged.
    counts: Counter[str] = Counter()
    for seed in range(8):
        architecture = random_architecture(ASKED, space, seed=seed)
        operators = {variation.operator for variation in applied(architecture, space)}
        counts.update(operators - {"merge_networks"})
    assert set(counts) == set(OPERATORS) - {"graft_network", "merge_networks"}
    assert min(counts.values()) >= 4


@given(parents, parents)
def test_a_site_of_another_architecture_is_refused(
    parent: tuple[SearchSpace, Architecture], other: tuple[SearchSpace, Architecture]
) -> None:
    space, architecture = parent
    for operator, site in operator_sites(other[1]):
        if site not in operator.sites(architecture):
            refusal = operator.apply(architecture, site, seed=0, space=space)
            assert isinstance(refusal, Refusal)
            assert "no site" in refusal.reason


@pytest.mark.parametrize("limit", GROWING)
@given(parents)
def test_an_operator_at_a_limit_refuses_and_names_it(
    limit: str, parent: tuple[SearchSpace, Architecture]
) -> None:
    space, architecture = parent
    used = {
        "max_networks": len(architecture.networks),
        "max_connections": len(architecture.connections),
        "max_parameters": sum(prod(shape) for shape in parameter_shapes(architecture).values()),
    }[limit]
    full = replace(space, min_parameters=1, **{limit: used})
    for name in GROWING[limit]:
        for site in OPERATORS[name].sites(architecture)[:4]:
            roomy = OPERATORS[name].apply(architecture, site, seed=0, space=space)
            refusal = OPERATORS[name].apply(architecture, site, seed=0, space=full)
            assert isinstance(refusal, Refusal)
            assert isinstance(roomy, Refusal) or limit in refusal.reason

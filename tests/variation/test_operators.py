"""Every operator, on random parents of both spaces and in chains."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.architecture.samples import ASKED, SPACES, WHOLE, architectures

from graftwork.architecture import (
    Architecture,
    Connection,
    Layer,
    SearchSpace,
    parameter_count,
    parameter_shapes,
    random_architecture,
    violations,
)
from graftwork.errors import InputError
from graftwork.testing import _naive as naive
from graftwork.variation import (
    CONTROL,
    OPERATORS,
    STRUCTURAL,
    Blocks,
    Change,
    Composed,
    Divided,
    Draw,
    Fresh,
    Identity,
    Kept,
    MostSalient,
    Operator,
    Picked,
    Refusal,
    Shared,
    Site,
    Variation,
    Zeros,
)

spaces = st.sampled_from(SPACES)
seeds = st.integers(0, 10**6)
operators = st.sampled_from(list(OPERATORS.values()))

# How many hidden layers each operator on them adds, and what may become of their weights.
LAYERS = {
    "widen_layer": 0,
    "deepen_network": 1,
    "narrow_layer": 0,
    "remove_layer": -1,
    "change_activation": 0,
}
IN_LAYERS = (Composed, Divided, Fresh, Identity, MostSalient, Picked, Zeros)


def check(variation: Variation, space: SearchSpace) -> None:
    """What holds of every applied operator."""
    child, parent = variation.architecture, variation.parent
    assert violations(child, space) == []
    pairs = Counter((c.source, c.target) for c in child.connections)
    assert max(pairs.values()) == 1
    assert set(child.order) == child.network_names
    before, after = parameter_shapes(parent), parameter_shapes(child)
    assert set(variation.inheritance) == set(after)
    for name, origin in variation.inheritance.items():
        if isinstance(origin, Kept | Shared):
            assert before[origin.parameter] == after[name]
        else:
            known = IN_LAYERS if variation.site.kind == "layer" else (Fresh, Zeros, Blocks)
            assert isinstance(origin, known)
            assert isinstance(origin, Blocks) <= (variation.operator == "merge_networks")
    assert variation.affected == naive.affected(parent, child)


@given(spaces, seeds, st.lists(st.tuples(operators, seeds), min_size=1, max_size=8))
def test_chains_stay_sound(space: SearchSpace, seed: int, chain: list[tuple[Operator, int]]) -> None:
    current = random_architecture(ASKED, space, seed=seed)
    for operator, number in chain:
        sites = operator.sites(current)
        assert len(sites) == len(set(sites))
        if not sites:
            continue
        text = current.to_json()
        variation = operator.apply(current, sites[number % len(sites)], seed=number, space=space)
        assert current.to_json() == text
        if isinstance(variation, Refusal):
            assert variation.reason
            continue
        assert variation.parent == current
        check(variation, space)
        current = variation.architecture


@given(spaces, seeds, operators)
def test_every_site_is_applicable_or_refused_with_a_reason(
    space: SearchSpace, seed: int, operator: Operator
) -> None:
    parent = random_architecture(ASKED, space, seed=seed)
    for site in operator.sites(parent):
        variation = operator.apply(parent, site, seed=seed, space=space)
        if isinstance(variation, Refusal):
            assert operator.name in variation.reason
        else:
            check(variation, space)


@given(spaces, seeds, operators)
def test_equal_seeds_give_equal_variations(space: SearchSpace, seed: int, operator: Operator) -> None:
    parent = random_architecture(ASKED, space, seed=seed)
    for site in operator.sites(parent)[:3]:
        first, second = (operator.apply(parent, site, seed=seed, space=space) for _ in range(2))
        assert first == second


@given(architectures, operators)
def test_a_site_of_another_architecture_is_refused(parent: Architecture, operator: Operator) -> None:
    for site in (Site("network", ("n99",)), Site("connection", ("n98", "n99")), Site("pair", ("n98", "n99"))):
        refusal = operator.apply(parent, site, seed=0)
        assert isinstance(refusal, Refusal)
        assert "has no site" in refusal.reason


@given(spaces, seeds, st.sampled_from(STRUCTURAL))
def test_what_each_operator_does_to_the_graph(space: SearchSpace, seed: int, operator: Operator) -> None:
    parent = random_architecture(ASKED, space, seed=seed)
    change = {"add_connection": 0, "delete_connection": 0, "reinitialise_network": 0}
    change |= {"divide_connection": 1, "clone_network": 1, "bypass_network": -1, "merge_networks": -1}
    change |= dict.fromkeys(LAYERS, 0)
    for site in operator.sites(parent)[:6]:
        variation = operator.apply(parent, site, seed=seed, space=space)
        if isinstance(variation, Variation):
            child = variation.architecture
            assert len(child.networks) - len(parent.networks) == change[operator.name]
            if operator.name in ("add_connection", "delete_connection"):
                grown = len(child.connections) - len(parent.connections)
                assert grown == (1 if operator.name == "add_connection" else -1)
            if operator.name in LAYERS:
                deeper = sum(len(n.hidden) for n in child.networks) - sum(
                    len(n.hidden) for n in parent.networks
                )
                assert deeper == LAYERS[operator.name]
                assert child.connections == parent.connections


@given(spaces, seeds)
def test_reinitialise_changes_the_layout_and_draws_every_weight(space: SearchSpace, seed: int) -> None:
    parent = random_architecture(ASKED, space, seed=seed)
    operator = OPERATORS["reinitialise_network"]
    applied = 0
    for site in operator.sites(parent):
        variation = operator.apply(parent, site, seed=seed, space=space)
        if isinstance(variation, Refusal):
            continue
        applied += 1
        (name,) = site.nodes
        old, new = parent.network(name), variation.architecture.network(name)
        assert new.hidden != old.hidden
        assert (new.kind, new.width, new.latent) == (old.kind, old.width, old.latent)
        assert variation.architecture.connections == parent.connections
        for parameter, origin in variation.inheritance.items():
            own = parameter.startswith(f"networks.{name}.")
            assert origin == (Fresh() if own else Kept(parameter))
    assert applied


def test_an_operator_at_a_limit_names_it() -> None:
    modern = SearchSpace.modern()
    parent = random_architecture(ASKED, modern, seed=3)
    networks = replace(modern, max_networks=len(parent.networks))
    connections = replace(modern, max_connections=len(parent.connections))
    parameters = replace(modern, max_parameters=parameter_count(parent))
    for space, names, limit in (
        (networks, ("clone_network", "divide_connection"), "max_networks"),
        (connections, ("add_connection", "clone_network", "divide_connection"), "max_connections"),
        (parameters, ("clone_network",), "max_parameters"),
    ):
        for name in names:
            operator = OPERATORS[name]
            for site in operator.sites(parent):
                refusal = operator.apply(parent, site, seed=0, space=space)
                assert isinstance(refusal, Refusal)
                assert limit in refusal.reason or "carries" in refusal.reason
                if name != "add_connection":
                    assert limit in refusal.reason


def test_a_space_without_another_layout_refuses_to_reinitialise() -> None:
    space = SearchSpace.modern(hidden_layers=(1, 1), widths=(64, 64), activations=("relu",))
    parent = random_architecture(ASKED, space, seed=0)
    site = OPERATORS["reinitialise_network"].sites(parent)[0]
    refusal = OPERATORS["reinitialise_network"].apply(parent, site, seed=0, space=space)
    assert isinstance(refusal, Refusal)
    assert "no other hidden layout" in refusal.reason


def test_the_control_changes_nothing_and_trains_everything() -> None:
    (site,) = CONTROL.sites(WHOLE)
    variation = CONTROL.apply(WHOLE, site, seed=0, space=SearchSpace.modern(hidden_layers=(0, 9)))
    assert isinstance(variation, Variation)
    assert variation.architecture == WHOLE
    assert variation.affected == WHOLE.network_names
    assert all(origin == Kept(name) for name, origin in variation.inheritance.items())


WIDE = SearchSpace.modern(hidden_layers=(0, 9), max_parameters=10**7)


def bypass(parent: Architecture, name: str) -> Variation:
    variation = OPERATORS["bypass_network"].apply(parent, Site("network", (name,)), seed=0, space=WIDE)
    assert isinstance(variation, Variation), variation
    return variation


def test_a_receiver_that_keeps_a_residual_source_reads_bypassed_sources_through_zeros() -> None:
    # n5 stands between pixels and n1, which keeps n0 as a residual source.
    parent = WHOLE.with_network(replace(WHOLE.network("n0"), name="n5", hidden=(Layer(16, "relu"),)))
    parent = parent.with_connections(Connection("pixels", "n5"), Connection("n5", "n1"))
    variation = bypass(parent, "n5")
    assert variation.inheritance["networks.n1.from_pixels"] == Zeros()


def test_a_new_condition_of_a_decoder_starts_at_zero() -> None:
    # n5, a distribution, is put between n2 and the decoder, which keeps its latent all the while.
    parent = WHOLE.without_connections(Connection("n2", "n3", "condition"))
    parent = parent.with_network(replace(WHOLE.network("n2"), name="n5"))
    parent = parent.with_connections(Connection("n2", "n5"), Connection("n5", "n3", "condition"))
    variation = bypass(parent, "n5")
    assert variation.inheritance["networks.n3.from_n2"] == Zeros()


def test_a_receiver_that_keeps_nothing_draws_fresh() -> None:
    parent = WHOLE.with_network(replace(WHOLE.network("n0"), name="n5"))
    parent = parent.without_connections(Connection("n0", "n2"))
    parent = parent.with_connections(Connection("pixels", "n5"), Connection("n5", "n2"))
    variation = bypass(parent, "n5")
    assert variation.inheritance["networks.n2.from_pixels"] == Fresh()


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize(
    "site",
    [
        None,
        Site("network", (None,)),  # type: ignore[arg-type]
        Site("pair", (["n0"], "n1")),  # type: ignore[arg-type]
        Site("layer", ("n0",), layer=0.0),  # type: ignore[arg-type]
        Site("layer", ("n0",), layer=True),
        Site("layer", ("n0",), layer=-1),
        Site("connection", ("pixels", "n0", "n1")),
    ],
)
def test_what_is_no_site_is_refused(name: str, site: Site) -> None:
    refusal = OPERATORS[name].apply(WHOLE, site, seed=0)
    assert isinstance(refusal, Refusal)
    assert "has no site" in refusal.reason


class Mistyped(Operator):
    name = "mistyped"
    tendency = "neutral"

    def sites(self, architecture: Architecture) -> list[Site]:
        return [Site("model")]

    def _change(self, architecture: Architecture, site: Site, draw: Draw) -> Change:
        return Change(architecture, {"networks.n0.typo": Zeros()})


def test_an_origin_of_no_parameter_is_refused_by_its_name() -> None:
    with pytest.raises(InputError, match=r"'networks\.n0\.typo', which is no parameter"):
        Mistyped().apply(WHOLE, Site("model"), seed=0)


def test_limits_hold_where_a_space_is_told_and_nowhere_else() -> None:
    tight = SearchSpace.modern(max_networks=len(WHOLE.networks))
    operator = OPERATORS["clone_network"]
    site = operator.sites(WHOLE)[0]
    refused = operator.apply(WHOLE, site, seed=0, space=tight)
    assert isinstance(refused, Refusal)
    assert "max_networks" in refused.reason
    deep = random_architecture(ASKED, SearchSpace.paper(), seed=0)
    assert any(len(network.hidden) > SearchSpace.modern().hidden_layers[1] for network in deep.networks)
    assert isinstance(operator.apply(deep, operator.sites(deep)[0], seed=1), Variation)

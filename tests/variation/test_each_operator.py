"""What each operator makes of an architecture."""

from __future__ import annotations

from hypothesis import given
from tests.architecture.test_kinds import IMAGES
from tests.variation.samples import ASKED, SPACES, parents, seeds

from graftwork.architecture import (
    Architecture,
    Connection,
    InputNode,
    Layer,
    Network,
    OutputNode,
    SearchSpace,
    connection_parameter,
    random_architecture,
    violations,
)
from graftwork.variation import OPERATORS, Fresh, Kept, Refusal, Shared, Site, Variation, Zeros
from graftwork.variation.inheritance import output_layer

Parent = tuple[SearchSpace, Architecture]


def applied(name: str, parent: Parent, seed: int = 0) -> list[Variation]:
    space, architecture = parent
    operator = OPERATORS[name]
    tried = [
        operator.apply(architecture, site, seed=seed, space=space) for site in operator.sites(architecture)
    ]
    return [variation for variation in tried if isinstance(variation, Variation)]


def new(variation: Variation) -> set[Connection]:
    return set(variation.architecture.connections) - set(variation.parent.connections)


def gone(variation: Variation) -> set[Connection]:
    return set(variation.parent.connections) - set(variation.architecture.connections)


@given(parents)
def test_add_makes_one_connection_that_starts_at_zero(parent: Parent) -> None:
    for variation in applied("add_connection", parent):
        (connection,) = new(variation)
        assert (connection.source, connection.target) == variation.site.nodes
        assert not gone(variation)
        parameter = connection_parameter(variation.architecture, *variation.site.nodes)
        fresh = {name for name, origin in variation.inheritance.items() if origin != Kept(name)}
        assert fresh == {parameter}
        assert variation.inheritance[parameter] == Zeros()


@given(parents)
def test_add_lists_every_pair_that_may_be_connected(parent: Parent) -> None:
    architecture = parent[1]
    listed = {site.nodes for site in OPERATORS["add_connection"].sites(architecture)}
    for source in [*architecture.inputs, *architecture.networks]:
        for target in [*architecture.networks, *architecture.outputs]:
            roles = ("stochastic",) if getattr(target, "kind", "") == "decoder" else ("input",)
            if architecture.carries[source.name] == "discrete" and roles == ("stochastic",):
                roles = ("condition",)
            connection = Connection(source.name, target.name, roles[0])
            if violations(architecture.with_connections(connection)) == []:
                assert (source.name, target.name) in listed


@given(parents)
def test_delete_takes_one_connection_and_keeps_all_other_weights(parent: Parent) -> None:
    for variation in applied("delete_connection", parent):
        (connection,) = gone(variation)
        assert (connection.source, connection.target) == variation.site.nodes
        assert not new(variation)
        assert all(origin == Kept(name) for name, origin in variation.inheritance.items())


@given(parents)
def test_delete_lists_every_connection_that_can_go(parent: Parent) -> None:
    architecture = parent[1]
    listed = {site.nodes for site in OPERATORS["delete_connection"].sites(architecture)}
    for connection in architecture.connections:
        rest = architecture.without_connections(connection)
        both_keep = rest.incoming(connection.target) and rest.outgoing(connection.source)
        if both_keep and violations(rest) == []:
            assert (connection.source, connection.target) in listed


@given(parents, seeds)
def test_divide_puts_one_network_in_the_middle(parent: Parent, seed: int) -> None:
    for variation in applied("divide_connection", parent, seed):
        child, (source, target) = variation.architecture, variation.site.nodes
        (middle,) = child.network_names - variation.parent.network_names
        assert {(c.source, c.target) for c in new(variation)} == {(source, middle), (middle, target)}
        assert {(c.source, c.target) for c in gone(variation)} == {(source, target)}
        assert variation.preserves == (variation.parent.carries[source] == "values")
        assert child.carries[middle] == (
            "values" if variation.parent.carries[source] == "features" else variation.parent.carries[source]
        )
        towards = variation.inheritance[connection_parameter(child, middle, target)]
        read = connection_parameter(variation.parent, source, target)
        assert towards == (Kept(read) if variation.preserves else Fresh())


@given(parents)
def test_bypass_joins_sources_to_receivers_and_nothing_else(parent: Parent) -> None:
    for variation in applied("bypass_network", parent):
        (name,) = variation.site.nodes
        before, after = variation.parent, variation.architecture
        assert name not in after.by_name
        assert all(name in (c.source, c.target) for c in gone(variation))
        assert {c.source for c in new(variation)} <= set(before.sources(name))
        assert {c.target for c in new(variation)} <= set(before.receivers(name))
        for bridge in new(variation):
            others = [c for c in before.incoming(bridge.target) if c.source != name]
            if bridge.role == "stochastic":
                others = [c for c in others if c.role == "stochastic"]
            origin = variation.inheritance[connection_parameter(after, bridge.source, bridge.target)]
            assert origin == (Zeros() if others else Fresh())


@given(parents, seeds)
def test_reinitialise_draws_another_layout_for_another_seed(parent: Parent, seed: int) -> None:
    space, architecture = parent
    reinitialise = OPERATORS["reinitialise_network"]
    site = reinitialise.sites(architecture)[0]
    layouts = set()
    for offset in range(8):
        variation = reinitialise.apply(architecture, site, seed=seed + offset, space=space)
        assert isinstance(variation, Variation)
        layouts.add(variation.architecture.network(site.nodes[0]).hidden)
    assert len(layouts) > 1


@given(parents, seeds)
def test_clone_adds_a_twin_with_the_same_sources_and_receivers(parent: Parent, seed: int) -> None:
    for variation in applied("clone_network", parent, seed):
        (name,), child = variation.site.nodes, variation.architecture
        (twin,) = child.network_names - variation.parent.network_names
        assert set(child.sources(twin)) == set(child.sources(name))
        assert set(child.receivers(twin)) == set(child.receivers(name))
        assert child.network(twin).hidden == child.network(name).hidden
        shared = {o.parameter for o in variation.inheritance.values() if isinstance(o, Shared)}
        reads = {connection_parameter(child, name, receiver) for receiver in child.receivers(name)}
        if shared != reads:
            assert set(child.receivers(name)) <= child.output_names
            assert shared == set(output_layer(variation.parent, name))
            assert f"networks.{name}.bias_{len(child.network(name).hidden)}" in shared
        for parameter, origin in variation.inheritance.items():
            twins = parameter.startswith(f"networks.{twin}.") or parameter.endswith(f"gain_{twin}")
            if twins and not isinstance(origin, Shared):
                assert origin == Kept(parameter.replace(twin, name, 1))


def test_a_network_whose_samples_feed_a_generation_output_takes_no_values() -> None:
    hidden = (Layer(8, "relu"),)
    architecture = Architecture(
        inputs=(InputNode("pixels", 7),),
        outputs=(OutputNode("image", "generation", 6),),
        networks=(
            Network("n0", "regressor", 4, hidden),
            Network("n1", "decoder", 6, hidden, latent=4),
            Network("n2", "regressor", 6, hidden),
        ),
        connections=(
            Connection("pixels", "n0"),
            Connection("n0", "n1", "stochastic"),
            Connection("n1", "n2"),
            Connection("n2", "image"),
        ),
    )
    add, space = OPERATORS["add_connection"], SearchSpace.modern(widths=(1, 99))
    refusal = add.apply(architecture, Site("pair", ("n0", "n2")), seed=0, space=space)
    assert isinstance(refusal, Refusal)
    assert "carries values" in refusal.reason


def test_bypass_offers_what_it_then_does() -> None:
    tried = [
        OPERATORS["bypass_network"].apply(architecture, site, seed=0, space=space)
        for space in SPACES
        for seed in range(20)
        for architecture in [random_architecture(ASKED, space, seed=seed)]
        for site in OPERATORS["bypass_network"].sites(architecture)
    ]
    # What is left are regressors that would turn from values to samples, and output layers too wide.
    assert sum(isinstance(made, Refusal) for made in tried) < len(tried) / 10
    assert len(tried) > 40


def test_a_new_connection_reads_the_means_of_a_map_and_every_number_of_an_image() -> None:
    for source, reading in (("n0", "pool"), ("photo", "flatten")):
        site = Site("pair", (source, "n4"))
        made = OPERATORS["add_connection"].apply(IMAGES, site, seed=0)
        assert isinstance(made, Variation)
        assert new(made) == {Connection(source, "n4", reading=reading)}


def test_values_wider_than_the_limit_are_divided_by_a_fresh_network() -> None:
    wide = Architecture(
        inputs=(InputNode("pixels", 7),),
        outputs=(OutputNode("amount", "regression", 40), OutputNode("digit", "classification", 3)),
        networks=(Network("n0", "regressor", 40), Network("n1", "discretizer", 3)),
        connections=(
            Connection("pixels", "n0"),
            Connection("n0", "amount"),
            Connection("n0", "n1"),
            Connection("n1", "digit"),
        ),
    )
    space = SearchSpace.modern(widths=(4, 20), min_parameters=1)
    divide, site = OPERATORS["divide_connection"], Site("connection", ("n0", "n1"))
    made = divide.apply(wide, site, seed=0, space=space)
    assert isinstance(made, Variation)
    assert not made.preserves
    roomy = divide.apply(wide, site, seed=0)
    assert isinstance(roomy, Variation)
    assert roomy.preserves

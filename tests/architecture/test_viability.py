"""Every rule, broken alone, is named with the nodes that break it; nothing makes the judge fail."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.architecture.samples import SPACES, WHOLE, chain

from graftwork.architecture import (
    NETWORK_KINDS,
    ROLES,
    Architecture,
    Connection,
    InputNode,
    Layer,
    Network,
    OutputNode,
    SearchSpace,
    require_viable,
    violations,
)
from graftwork.errors import NotViableError


def network(name: str, **changes: Any) -> Architecture:
    return WHOLE.with_network(replace(WHOLE.network(name), **changes))


def output(place: int, **changes: Any) -> Architecture:
    outputs = list(WHOLE.outputs)
    outputs[place] = replace(outputs[place], **changes)
    return replace(WHOLE, outputs=tuple(outputs))


def without(*pairs: tuple[str, str]) -> Architecture:
    return replace(
        WHOLE, connections=tuple(c for c in WHOLE.connections if (c.source, c.target) not in pairs)
    )


def role(source: str, target: str, as_role: Any) -> Architecture:
    return without((source, target)).with_connections(Connection(source, target, as_role))


def plus(source: Any, target: Any, as_role: Any = "input") -> Architecture:
    return WHOLE.with_connections(Connection(source, target, as_role))


PLANTED: dict[str, tuple[Architecture, str]] = {
    "network called otherwise": (
        replace(WHOLE, networks=(*WHOLE.networks, Network("head", "regressor", 1))),
        "Network 'head' must be called n and a number",
    ),
    "network called by no string": (
        replace(WHOLE, networks=(*WHOLE.networks, Network(["n9"], "regressor", 1))),  # type: ignore[arg-type]
        "must be called n and a number",
    ),
    "input no identifier": (replace(WHOLE, inputs=(InputNode("a b", 4),)), "Input 'a b' must be called"),
    "output called like a network": (output(0, name="n7"), "Output 'n7' must be called"),
    "name used twice": (output(0, name="pixels"), "The name 'pixels' is used by 2 nodes"),
    "unknown kind": (network("n0", kind="oracle"), "Network 'n0' is of unknown kind 'oracle'"),
    "unknown output kind": (output(0, kind="ranking"), "Output 'digit' is of unknown kind 'ranking'"),
    "unknown role": (role("n1", "n3", "input_"), "'n1' -> 'n3' has unknown role 'input_'"),
    "unknown activation": (
        network("n0", hidden=(Layer(4, "step"),)),
        "Network 'n0': hidden layer 0 has unknown activation 'step'",
    ),
    "unknown initialiser": (network("n0", initialiser="ones"), "'n0' has unknown initialiser 'ones'"),
    "unknown normalisation": (network("n0", normalisation="batch"), "'n0' has unknown normalisation 'batch'"),
    "residual neither true nor false": (
        network("n0", hidden=(Layer(4, "relu", residual="yes"),)),  # type: ignore[arg-type]
        "residual must be true or false",
    ),
    "residual first layer": (
        network("n0", hidden=(Layer(4, "relu", residual=True),)),
        "'n0': hidden layer 0 is residual but no layer is before it",
    ),
    "residual layer of another width": (
        network("n0", hidden=(Layer(4, "relu"), Layer(5, "relu", residual=True))),
        "hidden layer 1 is residual and has 5 units, the layer before it 4",
    ),
    "stride without a map": (
        network("n0", hidden=(Layer(4, "relu", stride=2),)),
        "hidden layer 0 must have a stride out of (1,), got 2",
    ),
    "map of a regressor": (network("n0", shape=(5, 2, 2)), "'n0' is a regressor and must have the shape ()"),
    "pool of no map": (
        WHOLE.without_connections(Connection("n0", "n2")).with_connections(
            Connection("n0", "n2", reading="pool")
        ),
        "n0 -> n2 pools, but n0 hands on no map",
    ),
    "unknown reading": (
        WHOLE.without_connections(Connection("n0", "n2")).with_connections(
            Connection("n0", "n2", reading="sum")  # type: ignore[arg-type]
        ),
        "'n0' -> 'n2' has unknown reading 'sum'",
    ),
    "image of another width": (
        replace(WHOLE, inputs=(InputNode("pixels", 64, (1, 8, 7)),)),
        "Input 'pixels' has the shape (1, 8, 7) of 56 numbers, but its width is 64",
    ),
    "shape of two": (
        replace(WHOLE, inputs=(InputNode("pixels", 64, (8, 8)),)),
        "Input 'pixels' must have the shape () or positive whole (channels, height, width), got (8, 8)",
    ),
    "fewer than no categories": (
        replace(WHOLE, inputs=(InputNode("pixels", 64, categories=-1),)),
        "Input 'pixels' must have a whole number of categories",
    ),
    "wide categories": (
        replace(WHOLE, inputs=(InputNode("pixels", 64, categories=4),)),
        "Input 'pixels' is categorical and must have width 1",
    ),
    "codes into a regressor": (
        replace(WHOLE, inputs=(InputNode("pixels", 1, categories=4),)),
        "pixels -> n0 carries codes, which only an embedding accepts",
    ),
    "features into an embedding": (
        network("n0", kind="embedding"),
        "pixels -> n0 carries features but an embedding accepts only codes",
    ),
    "dropout of everything": (
        network("n0", dropout=1.0),
        "dropout must be a share of at least 0 and below 1",
    ),
    "no width": (network("n0", width=0), "Network 'n0' must have a positive whole width, got 0"),
    "broken width": (network("n4", width=64.5), "Network 'n4' must have a positive whole width, got 64.5"),
    "no layer width": (network("n0", hidden=(Layer(-3, "relu"),)), "hidden layer 0 must have a positive"),
    "input without width": (replace(WHOLE, inputs=(InputNode("pixels", 0),)), "Input 'pixels' must have a"),
    "output of true width": (output(0, width=True), "Output 'digit' must have a positive whole width"),
    "no output": (replace(WHOLE, outputs=()), "The architecture has no output"),
    "unknown source": (plus("n8", "n4"), "'n8' -> 'n4' refers to 'n8', which is no node"),
    "unknown target": (plus("n0", "age"), "'n0' -> 'age' refers to 'age', which is no node"),
    "source no name": (plus(["n0"], "n1"), "refers to ['n0'], which is no node"),
    "into an input": (plus("n0", "pixels"), "'n0' -> 'pixels' ends at an input"),
    "out of an output": (plus("digit", "n4"), "'digit' -> 'n4' leaves an output"),
    "to itself": (plus("n0", "n0"), "'n0' -> 'n0' connects a node to itself"),
    "twice": (plus("n0", "n2"), "'n0' -> 'n2' is there 2 times"),
    "twice in another role": (plus("n0", "n1"), "'n0' -> 'n1' is there 2 times"),
    "cycle": (plus("n1", "n0"), "Networks n0, n1 form a cycle"),
    "stochastic outside a decoder": (role("n0", "n2", "stochastic"), "n0 -> n2 is stochastic, but n2 is no"),
    "condition outside a decoder": (role("n0", "n2", "condition"), "n0 -> n2 is condition, but n2 is no"),
    "plain into a decoder": (plus("n0", "n3"), "n0 -> n3 is input but a decoder accepts only"),
    "stochastic is discrete": (
        role("n2", "n3", "stochastic"),
        "n2 -> n3 carries discrete but a stochastic connection into a decoder carries values",
    ),
    "condition is features": (plus("pixels", "n3", "condition"), "pixels -> n3 carries features but a"),
    "decoder without stochastic input": (without(("n1", "n3")), "Decoder n3 has no stochastic input"),
    "decoder without latent": (network("n3", latent=0), "Decoder 'n3' must have a positive whole latent"),
    "latent outside a decoder": (network("n0", latent=4), "'n0' is no decoder and must have latent 0"),
    "residual features": (role("pixels", "n0", "residual"), "pixels -> n0 is residual and must carry values"),
    "residual into a discretizer": (role("n0", "n2", "residual"), "n0 -> n2 is residual but n2 is no"),
    "residual into a regressor of samples": (
        role("n3", "n4", "residual"),
        "n3 -> n4 is residual but n4 is no",
    ),
    "residual of another width": (network("n0", width=21), "n0 has 21 units, n1 20"),
    "residual into an output": (role("n1", "histogram", "residual"), "an output accepts only the role input"),
    "values to classification": (
        plus("n0", "digit"),
        "n0 -> digit carries values but output digit (classification) accepts discrete",
    ),
    "distribution to regression": (plus("n2", "histogram"), "n2 -> histogram carries discrete"),
    "values to generation": (plus("n1", "image"), "n1 -> image carries values"),
    "features to an output": (plus("pixels", "histogram"), "pixels -> histogram carries features"),
    "too narrow for its output": (network("n1", width=15), "n1 has 15 units, fewer than the 16 of output"),
    "output without source": (without(("n2", "digit")), "Output digit has no source"),
    "network without source": (without(("pixels", "n0")), "Network n0 has no source"),
    "not reached from an input": (without(("pixels", "n0")), "Network n1 is not reached from any input"),
    "leads to no output": (
        WHOLE.with_network(Network("n9", "regressor", 4)).with_connections(Connection("n0", "n9")),
        "Network n9 leads to no output",
    ),
}

ROOMY = SearchSpace.modern(widths=(8, 64))
LIMITS: dict[str, tuple[SearchSpace, str]] = {
    "networks": (replace(ROOMY, max_networks=4), "5 networks but the limit max_networks is 4"),
    "connections": (replace(ROOMY, max_connections=9), "10 connections but the limit max_connections is 9"),
    "fewest layers": (
        replace(ROOMY, hidden_layers=(1, 3)),
        "n4 has 0 hidden layers but the limit",
    ),
    "most layers": (
        replace(ROOMY, hidden_layers=(0, 1)),
        "n1 has 2 hidden layers but the limit",
    ),
    "widest": (
        replace(ROOMY, widths=(8, 47)),
        "n3: hidden layer 0 has 48 units but the limit widths",
    ),
    "narrowest": (replace(ROOMY, widths=(17, 64)), "n1: hidden layer 1 has 16 units but the limit widths"),
    "output layer": (
        replace(ROOMY, widths=(8, 19)),
        "n0 has 20 output units and feeds no output",
    ),
    "latent": (replace(ROOMY, latents=(9, 12)), "Decoder n3 has latent 8 but the limit latents is 9 to 12"),
    "parameters": (
        replace(ROOMY, hidden_layers=(0, 3), min_parameters=1, max_parameters=100),
        "parameters but the limit max_parameters is 100",
    ),
}


def test_the_sample_breaks_nothing() -> None:
    assert violations(WHOLE) == []
    assert violations(WHOLE, replace(ROOMY, hidden_layers=(0, 3))) == []
    require_viable(WHOLE)


@pytest.mark.parametrize("planted", PLANTED)
def test_a_broken_rule_is_named(planted: str) -> None:
    architecture, sentence = PLANTED[planted]
    assert any(sentence in broken for broken in violations(architecture)), violations(architecture)


@pytest.mark.parametrize("planted", LIMITS)
def test_a_broken_limit_is_named(planted: str) -> None:
    space, sentence = LIMITS[planted]
    assert any(sentence in broken for broken in violations(WHOLE, space)), violations(WHOLE, space)


def test_output_layers_that_feed_an_output_may_be_wider_than_the_limit() -> None:
    space = replace(ROOMY, hidden_layers=(0, 3), widths=(8, 48))
    assert violations(WHOLE, space) == []


def test_all_broken_rules_are_raised_together() -> None:
    architecture = without(("n2", "digit"), ("n1", "histogram")).with_connections(Connection("n9", "n0"))
    with pytest.raises(NotViableError) as caught:
        require_viable(architecture)
    assert list(caught.value.violations) == violations(architecture)
    for name in ("digit", "histogram", "n9"):
        assert name in str(caught.value)


def test_separate_cycles_are_named_apart_and_what_lies_between_them_is_not() -> None:
    ring = chain(8, 9).with_connections(Connection("n2", "n1"), Connection("n6", "n5"))
    assert [v for v in violations(ring) if "cycle" in v] == [
        "Networks n1, n2 form a cycle, but the graph must be acyclic",
        "Networks n5, n6 form a cycle, but the graph must be acyclic",
    ]


NAMES = ("n0", "n1", "n2", "n3", "pixels", "digit", "image", "nobody", "")
SHAPES: tuple[Any, ...] = ((), (1, 2, 2), (2, 2, 2), (1, 3, 3), (0, 1, 1), (4,), "map", None)
shapes = st.sampled_from(SHAPES)
layers = st.builds(
    Layer, st.integers(-1, 9), st.sampled_from(("relu", "?")), st.booleans(), st.sampled_from((0, 1, 2, 3))
)
networks = st.builds(
    Network,
    st.sampled_from(NAMES),
    st.sampled_from(NETWORK_KINDS),
    st.integers(-1, 70),
    st.lists(layers, max_size=2).map(tuple),
    st.integers(-1, 3),
    shapes,
)
outputs = st.builds(
    OutputNode,
    st.sampled_from(NAMES),
    st.sampled_from(("classification", "regression", "generation")),
    st.integers(-1, 70),
    shapes,
)
connections = st.builds(
    Connection,
    st.sampled_from(NAMES),
    st.sampled_from(NAMES),
    st.sampled_from((*ROLES, "?")),
    st.sampled_from(("flatten", "pool", "?")),
)
inputs = st.builds(
    InputNode, st.sampled_from(NAMES), st.integers(-1, 9), shapes, st.sampled_from((0, 0, 3, -1, None))
)
wild = st.builds(
    Architecture,
    st.lists(inputs, max_size=2).map(tuple),
    st.lists(outputs, max_size=3).map(tuple),
    st.lists(networks, max_size=5).map(tuple),
    st.lists(connections, max_size=12).map(tuple),
)


@given(wild, st.sampled_from((None, *SPACES)))
def test_no_graph_makes_it_fail(architecture: Architecture, space: SearchSpace | None) -> None:
    for sentence in violations(architecture, space):
        assert sentence
        assert "\n" not in sentence


def test_listing_order_changes_no_verdict() -> None:
    for architecture, _ in PLANTED.values():
        other = list(architecture.connections)
        random.Random(1).shuffle(other)
        again = replace(architecture, connections=tuple(other))
        assert len(violations(again)) == len(violations(architecture))


def test_a_large_graph_is_judged_in_one_go() -> None:
    large = chain(2_000, 10_000)
    begun = time.perf_counter()
    assert violations(large) == []
    # About 0.1 s; a judge whose time grows with the square of the size would take far longer.
    assert time.perf_counter() - begun < 5

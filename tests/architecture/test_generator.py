"""Random architectures are viable, varied, within their limits, and the same for the same seed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.architecture.samples import ASKED, Asked, Port

from graftwork.architecture import (
    SPACES,
    Architecture,
    Network,
    SearchSpace,
    interface,
    parameter_count,
    random_architecture,
    violations,
)
from graftwork.errors import InputError

SEEDS = range(1000)
KINDS = ("classification", "regression", "generation")


@pytest.fixture(scope="module", params=sorted(SPACES))
def drawn(request: pytest.FixtureRequest) -> tuple[SearchSpace, list[Architecture]]:
    space = SPACES[request.param]()
    return space, [random_architecture(ASKED, space, seed=seed) for seed in SEEDS]


def test_a_thousand_are_viable_within_the_limits(drawn: tuple[SearchSpace, list[Architecture]]) -> None:
    space, architectures = drawn
    assert [violations(a, space) for a in architectures if violations(a, space)] == []


def test_distinct_seeds_give_distinct_structures(drawn: tuple[SearchSpace, list[Architecture]]) -> None:
    assert len({a.canonical_hash for a in drawn[1]}) == len(SEEDS)


def test_equal_seeds_give_equal_architectures(drawn: tuple[SearchSpace, list[Architecture]]) -> None:
    space, architectures = drawn
    for seed in SEEDS[::10]:
        assert random_architecture(ASKED, space, seed=seed) == architectures[seed]


def test_sizes_and_patterns_vary(drawn: tuple[SearchSpace, list[Architecture]]) -> None:
    space, architectures = drawn
    sizes = Counter(len(a.networks) for a in architectures)
    assert set(sizes) == set(range(3, space.max_networks + 1))
    assert min(sizes.values()) > len(SEEDS) / 20
    joined = sum(any(len(a.sources(o.name)) > 1 for o in a.outputs) for a in architectures)
    conditioned = sum(any(c.role == "condition" for c in a.connections) for a in architectures)
    refined = sum(any(_refines(a, n) for n in a.networks) for a in architectures)
    for count in (joined, conditioned, refined):
        assert len(SEEDS) / 20 < count < len(SEEDS)
    reached = Counter(_outputs_reached(a, n.name) for a in architectures for n in a.networks)
    assert set(reached) == {1, 2, 3}
    assert min(reached.values()) > reached.total() / 5


def test_layers_come_from_the_space(drawn: tuple[SearchSpace, list[Architecture]]) -> None:
    space, architectures = drawn
    networks = [n for a in architectures for n in a.networks]
    layers = [layer for n in networks for layer in n.hidden]
    assert {layer.activation for layer in layers} == set(space.activations)
    assert {layer.width for layer in layers} == set(range(space.widths[0], space.widths[1] + 1))
    assert {n.initialiser for n in networks} == set(space.initialisers)
    assert {n.normalisation for n in networks} == set(space.normalisations)
    equal = [
        (before.width, after.residual)
        for n in networks
        for before, after in pairwise(n.hidden)
        if before.width == after.width
    ]
    assert {residual for _, residual in equal} == set(space.residuals)
    assert {n.dropout for n in networks if n.kind != "decoder"} == set(space.dropouts)
    bare = [n for n in networks if not n.hidden]
    assert all((n.normalisation, n.dropout) == ("none", 0.0) for n in bare)
    assert {n.dropout for n in networks if n.kind == "decoder"} == {0.0}
    mixed = any(len({layer.activation for layer in n.hidden}) > 1 for n in networks)
    assert mixed == space.activation_per_layer


def test_samples_come_only_from_decoders_that_draw(drawn: tuple[SearchSpace, list[Architecture]]) -> None:
    for architecture in drawn[1][:200]:
        origins = _origins_of_samples(architecture)
        assert origins
        for name in origins:
            assert architecture.network(name).kind == "decoder"
            assert any(c.role == "stochastic" for c in architecture.incoming(name))


def _refines(architecture: Architecture, network: Network) -> bool:
    return network.kind == "regressor" and architecture.carries[network.name] == "samples"


def _outputs_reached(architecture: Architecture, name: str) -> int:
    return len(architecture.downstream(frozenset({name})) & architecture.output_names)


def _origins_of_samples(architecture: Architecture) -> set[str]:
    frontier, origins = ["image"], set()
    while frontier:
        for source in architecture.sources(frontier.pop()):
            assert architecture.carries[source] == "samples"
            if architecture.network(source).kind == "regressor":
                frontier.append(source)
            else:
                origins.add(source)
    return origins


problems = st.builds(
    Asked,
    st.dictionaries(st.sampled_from("abc"), st.builds(Port, st.integers(1, 9)), min_size=1),
    st.dictionaries(
        st.sampled_from("uvwxyz"), st.builds(Port, st.integers(1, 9), st.sampled_from(KINDS)), min_size=1
    ),
)


@given(
    problems, st.sampled_from(sorted(SPACES)), st.integers(1, 12), st.integers(1, 24), st.integers(0, 10**9)
)
def test_any_limits_hold_or_are_named(
    problem: Asked, name: str, networks: int, connections: int, seed: int
) -> None:
    space = replace(SPACES[name](), max_networks=networks, max_connections=connections)
    kinds = {output.kind for output in problem.outputs.values()}
    fewest = len(kinds | {"regression"} if "generation" in kinds else kinds)
    if fewest > networks or fewest + len(problem.outputs) > connections:
        with pytest.raises(InputError, match="max_networks" if fewest > networks else "max_connections"):
            random_architecture(problem, space, seed=seed)
        return
    architecture = random_architecture(problem, space, seed=seed)
    assert violations(architecture, space) == []
    assert (architecture.inputs, architecture.outputs) == interface(problem)


def test_a_tight_limit_on_parameters_is_met() -> None:
    space = SearchSpace.paper(max_parameters=12_000)
    counts = [parameter_count(random_architecture(ASKED, space, seed=seed)) for seed in range(20)]
    assert max(counts) <= 12_000


def test_an_impossible_limit_on_parameters_is_named() -> None:
    space = SearchSpace.modern(min_parameters=1, max_parameters=500)
    with pytest.raises(InputError, match="max_parameters is 500"):
        random_architecture(ASKED, space, seed=0)


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        (Asked(inputs={}), "no input"),
        (Asked(outputs={}), "no output"),
        (Asked(inputs={"n3": Port(4)}), "input 'n3'"),
        (Asked(inputs={"body mass": Port(4)}), "input 'body mass'"),
        (Asked(inputs={"pixels": Port(0)}), "positive whole width, got 0"),
        (Asked(outputs={"y": Port(3, "ranking")}), "output 'y' is of unknown kind 'ranking'"),
        (Asked(inputs={"y": Port(4)}, outputs={"y": Port(3, "regression")}), "both called 'y'"),
    ],
)
def test_a_problem_that_cannot_be_asked_is_refused(problem: Asked, message: str) -> None:
    with pytest.raises(InputError, match=message):
        random_architecture(problem, SearchSpace.modern(), seed=0)

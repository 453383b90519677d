"""Convolutional networks and embeddings: their rules, sizes, costs and where the generator puts them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from math import prod
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.architecture.samples import Asked, Port

from graftwork.architecture import (
    Architecture,
    Connection,
    InputNode,
    Layer,
    Network,
    OutputNode,
    SearchSpace,
    mac_count,
    parameter_shapes,
    random_architecture,
    random_encoder,
    violations,
)
from graftwork.errors import InputError
from graftwork.runtime import generator

CODED = {
    "species": Port(1, shape=(1,), categories=("a", "b", "c")),
    "sex": Port(1, shape=(1,), categories=("f", "m")),
}
MIXED = Asked(
    inputs={"photo": Port(49, shape=(1, 7, 7)), "age": Port(1, shape=(1,)), **CODED},
    outputs={
        "digit": Port(3, kind="classification"),
        "amount": Port(2, kind="regression"),
        "image": Port(49, "generation", (1, 7, 7)),
    },
)
CONVOLUTIONAL = SearchSpace.modern(convolutions=(False, True), channels=(2, 6), widths=(4, 24))

# An encoder that shrinks the photo reads it, another one its map; a classifier pools it, a regressor flattens
# it, and a convolutional decoder generates photos.
IMAGES = Architecture(
    inputs=(InputNode("photo", 49, (1, 7, 7)), InputNode("species", 1, categories=3)),
    outputs=(
        OutputNode("digit", "classification", 3),
        OutputNode("amount", "regression", 2),
        OutputNode("image", "generation", 49, (1, 7, 7)),
    ),
    networks=(
        Network(
            "n0",
            "convolutional_encoder",
            64,
            (Layer(5, "relu", stride=2), Layer(5, "tanh", residual=True)),
            shape=(4, 4, 4),
            normalisation="layer",
        ),
        Network("n1", "convolutional_encoder", 64, shape=(4, 4, 4)),
        Network("n2", "embedding", 6, (Layer(8, "gelu"),)),
        Network("n3", "discretizer", 3, (Layer(8, "relu"),)),
        Network("n4", "regressor", 9, (Layer(8, "silu"),)),
        Network(
            "n5",
            "convolutional_decoder",
            49,
            (Layer(6, "relu", stride=2), Layer(4, "tanh", stride=2), Layer(4, "tanh", residual=True)),
            latent=3,
            shape=(1, 7, 7),
        ),
    ),
    connections=(
        Connection("photo", "n0"),
        Connection("n0", "n1", "residual"),
        Connection("species", "n2"),
        Connection("n1", "n3", reading="pool"),
        Connection("n2", "n3"),
        Connection("n1", "n4"),
        Connection("n4", "n5", "stochastic"),
        Connection("n1", "n5", "stochastic", "pool"),
        Connection("n3", "n5", "condition"),
        Connection("n3", "digit"),
        Connection("n4", "amount"),
        Connection("n5", "image"),
    ),
)


def changed(name: str, **changes: Any) -> Architecture:
    return IMAGES.with_network(replace(IMAGES.network(name), **changes))


def instead(old: Connection, new: Connection) -> Architecture:
    return IMAGES.without_connections(old).with_connections(new)


PLANTED: dict[str, tuple[Architecture, str]] = {
    "encoder without shape": (
        changed("n1", shape=()),
        "n1' is a convolutional_encoder and must have a shape",
    ),
    "shape of another width": (
        changed("n1", width=60),
        "has the shape (4, 4, 4) of 64 numbers, but its width",
    ),
    "encoder of another size": (
        changed("n0", hidden=(Layer(5, "relu"),)),
        "Network n0 makes maps of 7 x 7 of what it reads, but its shape is (4, 4, 4)",
    ),
    "stride of three": (
        changed("n0", hidden=(Layer(5, "relu", stride=3),)),
        "must have a stride out of (1, 2)",
    ),
    "residual stride": (
        changed("n0", hidden=(Layer(5, "relu"), Layer(5, "relu", residual=True, stride=2))),
        "is residual and must have stride 1 in an encoder",
    ),
    "maps of two sizes": (
        IMAGES.with_connections(Connection("photo", "n1")),
        "Network n1 reads maps of different sizes, 4 x 4 and 7 x 7",
    ),
    "encoder of numbers": (
        IMAGES.with_connections(Connection("n4", "n1")),
        "n4 -> n1 carries no map, but n1 is a convolutional_encoder",
    ),
    "pool into an encoder": (
        instead(Connection("photo", "n0"), Connection("photo", "n0", reading="pool")),
        "photo -> n0 pools, but n0 reads maps as they are",
    ),
    "residual maps of two shapes": (
        instead(Connection("photo", "n0"), Connection("photo", "n0", "residual")),
        "photo -> n0 is residual",
    ),
    "map to a regression": (
        IMAGES.with_connections(Connection("n1", "amount")),
        "n1 -> amount: n1 hands on a map of shape (4, 4, 4), but output amount has the shape ()",
    ),
    "decoder of another shape": (
        changed("n5", shape=(1, 49, 1)),
        "n5 hands on a map of shape (1, 49, 1), but output image has the shape (1, 7, 7)",
    ),
    "decoder without a map to enlarge": (changed("n5", hidden=()), "must have a hidden layer, the map"),
    "codes to a regressor": (
        IMAGES.with_connections(Connection("species", "n4")),
        "species -> n4 carries codes, which only an embedding accepts",
    ),
    "numbers to an embedding": (
        IMAGES.with_connections(Connection("photo", "n2")),
        "photo -> n2 carries features but an embedding accepts only codes",
    ),
}


def test_the_sample_breaks_nothing_and_comes_back_from_json() -> None:
    assert violations(IMAGES) == []
    assert Architecture.from_json(IMAGES.to_json()) == IMAGES


@pytest.mark.parametrize("planted", PLANTED)
def test_a_broken_rule_is_named(planted: str) -> None:
    architecture, sentence = PLANTED[planted]
    assert any(sentence in broken for broken in violations(architecture)), violations(architecture)


def test_parameters_and_multiply_accumulates_are_those_of_the_layers() -> None:
    shapes = parameter_shapes(IMAGES)
    assert shapes["networks.n0.from_photo"] == (5, 1, 3, 3)
    assert shapes["networks.n0.weight_2"] == (4, 5, 3, 3)
    assert shapes["networks.n2.from_species"] == (8, 3)
    assert shapes["networks.n3.from_n1"] == (8, 4)
    assert shapes["networks.n4.from_n1"] == (8, 64)
    assert shapes["networks.n5.from_latent"] == (6 * 2 * 2, 3)
    assert shapes["networks.n5.weight_1"] == (4, 6, 3, 3)
    maps = 9 * (16 * (5 + 25 + 20) + 16 * 16)  # n0 and n1, on 4 x 4
    decoder = 9 * (4 * 4 * 4 * 6 + 7 * 7 * (4 * 4 + 4))  # n5, on 4 x 4 and on 7 x 7
    dense = [
        prod(shape)
        for name, shape in shapes.items()
        if len(shape) == 2 and name != "networks.n2.from_species"
    ]
    assert mac_count(IMAGES) == maps + decoder + sum(dense)


def test_a_limit_on_multiply_accumulates_and_on_channels_is_named() -> None:
    space = SearchSpace.modern(max_macs=1000, channels=(2, 3), widths=(4, 64), latents=(2, 8))
    broken = " ".join(violations(IMAGES, space))
    assert f"{mac_count(IMAGES)} multiply-accumulates a row but the limit max_macs is 1000" in broken
    assert "n0: hidden layer 0 has 5 units but the limit channels is 2 to 3" in broken
    assert "n1 produces 4 channels but the limit channels is at most 3" in broken
    roomy = SearchSpace.modern(channels=(2, 6), widths=(4, 64), latents=(2, 8))
    assert violations(IMAGES, roomy) == []


def test_an_unreachable_limit_on_multiply_accumulates_is_refused_by_its_name() -> None:
    with pytest.raises(InputError, match=r"max_macs is 20, but .* multiply-accumulates a row"):
        random_architecture(MIXED, SearchSpace.modern(max_macs=20), seed=0)


@given(st.integers(0, 10**6), st.booleans())
def test_the_generator_serves_images_and_categories(seed: int, only_coded: bool) -> None:
    problem = replace(MIXED, inputs=CODED) if only_coded else MIXED
    architecture = random_architecture(problem, CONVOLUTIONAL, seed=seed)
    assert violations(architecture, CONVOLUTIONAL) == []
    assert random_architecture(problem, CONVOLUTIONAL, seed=seed) == architecture


def test_the_generator_uses_every_kind_and_reading() -> None:
    drawn = [random_architecture(MIXED, CONVOLUTIONAL, seed=seed) for seed in range(150)]
    kinds = Counter(network.kind for architecture in drawn for network in architecture.networks)
    assert min(kinds.values()) >= 20
    assert len(kinds) == 6
    of_maps = {
        (c.reading, architecture.network(c.target).kind)
        for architecture in drawn
        for c in architecture.connections
        if c.source in architecture.network_names and c.target in architecture.network_names
        if architecture.network(c.source).shape
    }
    assert {reading for reading, _ in of_maps} == {"flatten", "pool"}


def test_without_convolutions_there_are_none() -> None:
    for seed in range(60):
        architecture = random_architecture(MIXED, SearchSpace.modern(), seed=seed)
        assert not any(network.is_convolutional for network in architecture.networks)


def test_categories_alone_need_room_for_an_embedding() -> None:
    problem = Asked(CODED, {"amount": Port(2, kind="regression")})
    with pytest.raises(
        InputError, match="max_networks is 1, but the outputs of this problem need at least 2"
    ):
        random_architecture(problem, SearchSpace.modern(max_networks=1), seed=0)
    tight = SearchSpace.modern(max_networks=2, max_connections=3)
    assert violations(random_architecture(problem, tight, seed=0), tight) == []


@given(st.integers(0, 10**6), st.sampled_from([(7, 7), (7, 3), (1, 1), (28, 28)]))
def test_a_drawn_encoder_makes_the_shape_that_is_asked_for(seed: int, start: tuple[int, int]) -> None:
    rng = generator(seed, 0, "test")
    free = random_encoder(CONVOLUTIONAL, rng, name="n0", start=start)
    assert free is not None
    again = random_encoder(CONVOLUTIONAL, rng, name="n0", start=start, shape=free.shape)
    for encoder in (free, again):
        if encoder is not None:
            assert encoder.shape == free.shape
            photo = InputNode("photo", prod(start), (1, *start))
            graph = Architecture((photo,), (), (encoder,), (Connection("photo", "n0"),))
            assert not [broken for broken in violations(graph) if "maps" in broken]


def test_an_image_that_has_an_encoder_is_read_through_it_alone() -> None:
    read = 0
    for seed in range(60):
        architecture = random_architecture(MIXED, CONVOLUTIONAL, seed=seed)
        receivers = [architecture.network(name).kind for name in architecture.receivers("photo")]
        if "convolutional_encoder" in receivers:
            read += 1
            assert receivers == ["convolutional_encoder"]
    assert read >= 3


def test_how_a_map_is_read_changes_the_hash() -> None:
    pooled, flat = Connection("n1", "n3", reading="pool"), Connection("n1", "n3")
    assert instead(pooled, flat).canonical_hash != IMAGES.canonical_hash
    assert violations(instead(pooled, flat)) == []

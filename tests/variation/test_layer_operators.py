"""Operators on hidden layers: what they promise of dense and of convolutional networks."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from itertools import pairwise
from math import prod

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.variation.samples import parents, random_inputs, rough_model, seeds
from torch import Tensor

from graftwork.architecture import (
    ACTIVATIONS,
    Architecture,
    Connection,
    InputNode,
    Layer,
    Network,
    OutputNode,
    SearchSpace,
    decoder_sizes,
    require_viable,
    violations,
    with_residuals,
)
from graftwork.model import Given, HeterogeneousModel, inherit
from graftwork.runtime import torch_generator
from graftwork.variation import OPERATORS, Fresh, Kept, Refusal, Site, Variation

ROOMY = SearchSpace.modern(
    hidden_layers=(0, 12),
    widths=(1, 128),
    channels=(1, 64),
    latents=(1, 50),
    max_parameters=10**7,
    max_macs=10**9,
)
ROWS = 6


def with_maps(*layouts: tuple[Layer, ...], normalisation: str = "none") -> Architecture:
    """An encoder, an embedding, a discretizer and both kinds of decoder, with these hidden layers."""
    encoder, embedding, discretizer, convolutional, decoder = layouts
    size = 7
    for layer in encoder:
        size = -(-size // layer.stride)
    networks = (
        Network("n0", "convolutional_encoder", 3 * size**2, encoder, shape=(3, size, size)),
        Network("n1", "embedding", 5, embedding),
        Network("n2", "discretizer", 4, discretizer),
        Network("n3", "convolutional_decoder", 49, convolutional, latent=3, shape=(1, 7, 7)),
        Network("n4", "decoder", 49, decoder, latent=2),
        Network("n5", "regressor", 49),
    )
    connections = (
        Connection("pixels", "n0"),
        Connection("colour_1", "n1"),
        Connection("n0", "n2", reading="pool"),
        Connection("n1", "n2"),
        Connection("n0", "n3", "stochastic"),
        Connection("n2", "n3", "condition"),
        Connection("n1", "n4", "stochastic"),
        Connection("n2", "n4", "condition"),
        Connection("n4", "n5"),
        Connection("n2", "digit"),
        Connection("n3", "image"),
        Connection("n5", "picture"),
        Connection("n4", "picture"),
    )
    made = Architecture(
        inputs=(InputNode("pixels", 49, shape=(1, 7, 7)), InputNode("colour_1", 1, categories=3)),
        outputs=(
            OutputNode("digit", "classification", 4),
            OutputNode("image", "generation", 49, shape=(1, 7, 7)),
            OutputNode("picture", "generation", 49),
        ),
        networks=tuple(replace(n, normalisation=normalisation) if n.hidden else n for n in networks),
        connections=connections,
    )
    require_viable(made, ROOMY)
    return made


def linked(kind: str, layers: list[Layer]) -> tuple[Layer, ...]:
    """The layers, residual wherever they can be."""
    shape = (3, 7, 7) if kind.startswith("convolutional") else ()
    return with_residuals(Network("n0", kind, 1, tuple(layers), shape=shape))  # type: ignore[arg-type]


def layouts(kind: str, least: int = 0) -> st.SearchStrategy[tuple[Layer, ...]]:
    """Hidden layers of few widths, so that many are residual; some of stride 2 in convolutional networks."""
    strides = st.integers(1, 2) if kind.startswith("convolutional") else st.just(1)
    layer = st.builds(Layer, st.sampled_from((3, 5)), st.sampled_from(ACTIVATIONS), st.just(False), strides)
    return st.lists(layer, min_size=least, max_size=4).map(lambda layers: linked(kind, layers))


maps = st.builds(
    lambda *drawn: (ROOMY, with_maps(*drawn[:-1], normalisation=drawn[-1])),
    layouts("convolutional_encoder"),
    layouts("embedding"),
    layouts("discretizer"),
    layouts("convolutional_decoder", least=1),
    layouts("decoder"),
    st.sampled_from(("none", "layer")),
)
anyone = st.one_of(parents, maps)

# Strides, a residual layer, a run of three, and layers of every kind of activation that matters.
ENCODER = (Layer(4, "gelu", stride=2), Layer(4, "tanh", residual=True), Layer(6, "relu"))
RUN = (Layer(5, "tanh"), Layer(5, "silu", residual=True), Layer(5, "elu", residual=True), Layer(4, "relu"))
DECODER = (Layer(6, "relu", stride=2), Layer(6, "gelu", residual=True), Layer(4, "relu", stride=2))
PLAIN = (Layer(6, "relu"), Layer(4, "sigmoid"))
WHOLE = with_maps(ENCODER, RUN, PLAIN, DECODER, RUN)
NORMALISED = with_maps(ENCODER, RUN, PLAIN, DECODER, RUN, normalisation="layer")


def at(network: str, layer: int) -> Site:
    return Site("layer", (network,), layer=layer)


def apply(
    name: str, architecture: Architecture, site: Site, *, seed: int = 0, space: SearchSpace = ROOMY
) -> Variation:
    variation = OPERATORS[name].apply(architecture, site, seed=seed, space=space)
    assert isinstance(variation, Variation), variation
    return variation


def refused(name: str, architecture: Architecture, site: Site, space: SearchSpace = ROOMY) -> str:
    refusal = OPERATORS[name].apply(architecture, site, seed=0, space=space)
    assert isinstance(refusal, Refusal)
    return refusal.reason


def roomy_variations(name: str, architecture: Architecture, seed: int) -> list[Variation]:
    """What an operator makes at each of its sites, where there is room for all."""
    tried = [
        OPERATORS[name].apply(architecture, site, seed=seed, space=ROOMY)
        for site in OPERATORS[name].sites(architecture)
    ]
    return [variation for variation in tried if isinstance(variation, Variation)]


def last_of_run(network: Network, first: int) -> int:
    linked = [
        n
        for n in range(first, len(network.hidden))
        if all(layer.residual for layer in network.hidden[first + 1 : n + 1])
    ]
    return linked[-1]


def rows_for(architecture: Architecture, seed: int) -> dict[str, Tensor]:
    rows = random_inputs(architecture, ROWS, seed)
    codes = {node.name: node.categories for node in architecture.inputs if node.categories}
    # The last row has a code that is none of them.
    return rows | {
        name: torch.arange(ROWS).remainder(most + 1)[:, None] * 1.0 for name, most in codes.items()
    }


def assert_same_answers(before: HeterogeneousModel, after: HeterogeneousModel, seed: int) -> None:
    architecture = before.architecture
    rows, noise = rows_for(architecture, seed), torch_generator(seed, 0, "draws")
    draws = {
        n.name: torch.randn((ROWS, n.latent), generator=noise) for n in architecture.networks if n.is_decoder
    }
    # Layer normalisation over units that hardly differ magnifies the rounding of a pass in float32, as both
    # models would make it of equal weights in another order; what the operator did shows in float64.
    normalised = any(network.normalisation == "layer" for network in architecture.networks)
    single = 1e-4 if normalised else 1e-5
    for of, close in ((torch.float32, single), (torch.float64, 1e-5)):
        models = [deepcopy(model).to(of) for model in (before, after)]
        given = {name: values.to(of) for name, values in rows.items()}
        for latent in (None, Given({name: values.to(of) for name, values in draws.items()})):
            old, new = (model.run(given, latent=latent).outputs for model in models)
            assert old.keys() == new.keys()
            for name, values in old.items():
                # Deep stacks may answer in hundreds: float32 rounds in proportion.
                scale = max(1.0, float(values.abs().max()))
                torch.testing.assert_close(new[name] / scale, values / scale, rtol=close, atol=close)


@pytest.mark.parametrize("name", ["widen_layer", "deepen_network"])
@given(anyone, seeds)
@torch.no_grad()
def test_growing_preserves_every_answer(
    name: str, parent: tuple[SearchSpace, Architecture], seed: int
) -> None:
    model = rough_model(parent[1], seed)
    for variation in roomy_variations(name, parent[1], seed):
        assert variation.preserves
        assert_same_answers(model, inherit(model, variation, seed=seed), seed)


@given(
    anyone,
    st.lists(st.tuples(st.sampled_from(("widen_layer", "deepen_network")), seeds), min_size=3, max_size=3),
)
@torch.no_grad()
def test_growing_three_times_in_a_row_preserves_every_answer(
    parent: tuple[SearchSpace, Architecture], steps: list[tuple[str, int]]
) -> None:
    first = current = rough_model(parent[1], steps[0][1])
    for name, seed in steps:
        variations = roomy_variations(name, current.architecture, seed)
        if variations:
            current = inherit(current, variations[seed % len(variations)], seed=seed)
    assert_same_answers(first, current, steps[0][1])


@pytest.mark.parametrize("architecture", [WHOLE, NORMALISED], ids=["plain", "normalised"])
@pytest.mark.parametrize("name", ["widen_layer", "deepen_network"])
@torch.no_grad()
def test_growing_applies_at_every_site_of_networks_with_maps(name: str, architecture: Architecture) -> None:
    operator, model = OPERATORS[name], rough_model(architecture, 0)
    variations = [apply(name, architecture, site) for site in operator.sites(architecture)]
    assert {variation.site.nodes[0] for variation in variations} == {"n0", "n1", "n2", "n3", "n4"}
    for variation in variations:
        assert_same_answers(model, inherit(model, variation, seed=0), 0)


@given(anyone, seeds)
def test_widening_adds_as_many_units_to_every_layer_of_a_run(
    parent: tuple[SearchSpace, Architecture], seed: int
) -> None:
    for variation in roomy_variations("widen_layer", parent[1], seed):
        name, first = variation.site.nodes[0], variation.site.layer
        old, new = parent[1].network(name), variation.architecture.network(name)
        width = old.hidden[first].width
        extra = new.hidden[first].width - width
        assert extra == width if old.normalisation == "layer" else 1 <= extra <= width
        last = last_of_run(old, first)
        wide = [
            replace(layer, width=width + extra) if first <= n <= last else layer
            for n, layer in enumerate(old.hidden)
        ]
        assert new == replace(old, hidden=tuple(wide))


@torch.no_grad()
def test_copies_of_a_unit_are_read_by_unlike_weights_that_add_up() -> None:
    model = rough_model(WHOLE, 0)
    whole = model.state_dict()["networks.n2.weight_1"]
    child = inherit(model, apply("widen_layer", WHOLE, at("n2", 0), seed=1), seed=0).state_dict()
    computed, read = child["networks.n2.from_n0"], child["networks.n2.weight_1"]
    for unit in range(6):
        copies = [n for n in range(len(computed)) if torch.equal(computed[n], computed[unit])]
        torch.testing.assert_close(read[:, copies].sum(1), whole[:, unit])
        for one, other in pairwise(copies):
            shares = read[:, one] / read[:, other]
            assert shares.std() > 0.01
    assert len(computed) > 6


@given(anyone, seeds)
def test_where_a_layer_learns_the_new_one_after_it_does(
    parent: tuple[SearchSpace, Architecture], seed: int
) -> None:
    model, checked = rough_model(parent[1], seed), 0
    for variation in roomy_variations("deepen_network", parent[1], seed):
        name, layer = variation.site.nodes[0], variation.site.layer
        child = inherit(model, variation, seed=seed)
        child.zero_grad()
        answers = child(rows_for(parent[1], seed))
        sum(values.square().sum() for values in answers.values()).backward()
        old = child.get_parameter(f"networks.{name}.bias_{layer}").grad
        scaled = variation.architecture.network(name).normalisation == "layer"
        part = "norm_weight" if scaled else "weight"
        new = child.get_parameter(f"networks.{name}.{part}_{layer + 1}").grad
        assert old is not None
        assert new is not None
        if float(old.abs().max()) > 1e-6:
            assert new.any()
            checked += 1
    assert checked or not OPERATORS["deepen_network"].sites(parent[1])


@given(anyone, seeds)
def test_a_new_layer_is_as_wide_as_the_one_before_and_the_others_stay(
    parent: tuple[SearchSpace, Architecture], seed: int
) -> None:
    for variation in roomy_variations("deepen_network", parent[1], seed):
        name, layer = variation.site.nodes[0], variation.site.layer
        old, new = parent[1].network(name).hidden, variation.architecture.network(name).hidden
        enlarges = parent[1].network(name).kind == "convolutional_decoder"
        assert len(new) == len(old) + 1
        assert new[layer + 1].width == old[layer].width
        strides = (1, old[layer].stride) if enlarges else (old[layer].stride, 1)
        assert (new[layer].stride, new[layer + 1].stride) == strides
        assert (*new[:layer], replace(new[layer], stride=old[layer].stride), *new[layer + 2 :]) == old


@pytest.mark.parametrize(
    ("activation", "normalisation", "drawn", "expected"),
    [
        ("relu", "none", ("tanh",), ("relu", False)),
        ("relu", "layer", ("relu", "tanh"), ("tanh", True)),
        ("sigmoid", "none", ("softplus", "relu"), ("relu", False)),
        ("softmax", "layer", ("gelu",), ("gelu", True)),
        ("silu", "none", ("relu",), ("silu", True)),
    ],
)
def test_a_new_layer_has_an_activation_that_can_hand_on(
    activation: str, normalisation: str, drawn: tuple[str, ...], expected: tuple[str, bool]
) -> None:
    hidden = (Layer(6, activation),)
    parent = with_maps(ENCODER, RUN, hidden, DECODER, RUN, normalisation=normalisation)
    child = apply("deepen_network", parent, at("n2", 0), space=replace(ROOMY, activations=drawn)).architecture
    assert child.network("n2").hidden == (*hidden, Layer(6, expected[0], residual=expected[1]))


def test_relu_after_a_residual_layer_asks_that_all_it_adds_is_never_negative() -> None:
    relu = replace(ROOMY, activations=("relu",))
    for first, fits in (("relu", True), ("tanh", False)):
        hidden = (Layer(4, first), Layer(4, "relu", residual=True))
        parent = with_maps(ENCODER, RUN, hidden, DECODER, RUN)
        change = OPERATORS["deepen_network"].apply(parent, at("n2", 1), seed=0, space=relu)
        assert isinstance(change, Variation) == fits


def least_salient(model: HeterogeneousModel, network: Network, first: int, last: int) -> list[int]:
    """Units by their salience, ascending: squares of what computes a unit times squares of what reads it."""
    weights, prefix = model.state_dict(), f"networks.{network.name}."
    computing = [weights[f"{prefix}weight_{n}"] for n in range(max(first, 1), last + 1)]
    if first == 0:
        computing += [value for name, value in weights.items() if name.startswith(f"{prefix}from_")]
    reading = [weights[f"{prefix}weight_{n + 1}"] for n in range(first, last + 1)]
    width = network.hidden[first].width
    rows = sum(value.reshape(width, -1).square().sum(1) for value in computing)
    columns = sum(value.movedim(1, 0).reshape(width, -1).square().sum(1) for value in reading)
    salience = rows * columns
    assert isinstance(salience, Tensor)
    return torch.argsort(salience).tolist()  # type: ignore[no-any-return]


def narrowed(value: Tensor, part: str, network: Network, first: int, last: int, kept: list[int]) -> Tensor:
    """A parameter of the network without the units that are not kept."""
    stems, run = ("weight", "bias", "norm_weight", "norm_bias"), range(first, last + 1)
    blocks = first == 0 and part.startswith("from_")
    if blocks or part in [f"{stem}_{n}" for stem in stems for n in run]:
        whole_map = network.kind == "convolutional_decoder" and (blocks or part == "bias_0")
        positions = prod(decoder_sizes(network)[0]) if whole_map else 1
        value = value.unflatten(0, (-1, positions))[kept].flatten(0, 1)
    return value[:, kept] if part in [f"weight_{n + 1}" for n in run] else value


@given(anyone, seeds)
def test_narrowing_keeps_the_most_salient_units_bit_for_bit(
    parent: tuple[SearchSpace, Architecture], seed: int
) -> None:
    model = rough_model(parent[1], seed)
    for variation in roomy_variations("narrow_layer", parent[1], seed):
        name, first = variation.site.nodes[0], variation.site.layer
        old, new = parent[1].network(name), variation.architecture.network(name)
        last = last_of_run(old, first)
        width, keep = old.hidden[first].width, new.hidden[first].width
        assert -(-width // 2) <= keep < width
        assert {layer.width for layer in new.hidden[first : last + 1]} == {keep}
        kept = sorted(least_salient(model, old, first, last)[width - keep :])
        before, after, prefix = model.state_dict(), inherit(model, variation, seed=seed), f"networks.{name}."
        for parameter, value in after.state_dict().items():
            part = parameter.removeprefix(prefix) if parameter.startswith(prefix) else ""
            assert torch.equal(value, narrowed(before[parameter], part, old, first, last, kept))


@given(anyone, seeds)
def test_removing_takes_one_layer_and_leaves_a_sound_network(
    parent: tuple[SearchSpace, Architecture], seed: int
) -> None:
    model = rough_model(parent[1], seed)
    for variation in roomy_variations("remove_layer", parent[1], seed):
        name, layer = variation.site.nodes[0], variation.site.layer
        old, new = parent[1].network(name), variation.architecture.network(name)
        left = (*old.hidden[:layer], *old.hidden[layer + 1 :])
        assert [replace(a, residual=False) for a in new.hidden] == [replace(b, residual=False) for b in left]
        for n, (a, b) in enumerate(zip(new.hidden, left, strict=True)):
            fits = n > 0 and left[n - 1].width == b.width
            assert a.residual == (b.residual and (n != layer or fits))
        after = inherit(model, variation, seed=seed)(rows_for(parent[1], seed))
        assert all(values.isfinite().all() for values in after.values())


def linear(kind: str, hidden: tuple[Layer, ...]) -> Architecture:
    shown = {"embedding": 1, "discretizer": 2, "decoder": 4}[kind]
    parts: list[tuple[Layer, ...]] = [ENCODER, RUN, PLAIN, DECODER, RUN]
    parts[shown] = hidden
    return with_maps(*parts)


@pytest.mark.parametrize(("kind", "name"), [("embedding", "n1"), ("discretizer", "n2"), ("decoder", "n4")])
@pytest.mark.parametrize("layer", range(3))
@torch.no_grad()
def test_removing_a_layer_that_is_linear_preserves_every_answer(kind: str, name: str, layer: int) -> None:
    parent = linear(kind, tuple(Layer(width, "identity") for width in (5, 4, 6)))
    model = rough_model(parent, 0)
    assert_same_answers(model, inherit(model, apply("remove_layer", parent, at(name, layer)), seed=0), 0)


@torch.no_grad()
def test_removing_the_only_layer_leaves_a_linear_network_without_settings() -> None:
    parent = linear("decoder", (Layer(5, "identity"),))
    parent = parent.with_network(replace(parent.network("n4"), dropout=0.2))
    variation = apply("remove_layer", parent, at("n4", 0))
    assert variation.architecture.network("n4") == replace(parent.network("n4"), hidden=(), dropout=0.0)
    model = rough_model(parent, 0)
    assert_same_answers(model, inherit(model, variation, seed=0), 0)
    normalised = with_maps(ENCODER, RUN, (Layer(5, "tanh"),), DECODER, RUN, normalisation="layer")
    child = apply("remove_layer", normalised, at("n2", 0)).architecture
    assert child.network("n2").normalisation == "none"


@given(anyone, seeds)
@torch.no_grad()
def test_removing_undoes_deepening(parent: tuple[SearchSpace, Architecture], seed: int) -> None:
    model = rough_model(parent[1], seed)
    for deeper in roomy_variations("deepen_network", parent[1], seed)[seed % 3 :: 3]:
        network = deeper.architecture.network(deeper.site.nodes[0])
        new = deeper.site.layer + 1
        if network.hidden[new].stride > 1 or (network.is_convolutional and not network.hidden[new].residual):
            continue
        back = apply("remove_layer", deeper.architecture, at(network.name, new))
        assert back.architecture == parent[1]
        after = inherit(inherit(model, deeper, seed=seed), back, seed=seed).state_dict()
        for name, value in model.state_dict().items():
            torch.testing.assert_close(after[name], value, rtol=1e-6, atol=0.0)


def test_kernels_around_a_removed_layer_are_drawn_anew_unless_it_was_residual() -> None:
    origins = apply("remove_layer", WHOLE, at("n0", 1)).inheritance
    assert origins["networks.n0.weight_1"] == Kept("networks.n0.weight_2")
    origins = apply("remove_layer", WHOLE, at("n0", 2)).inheritance
    assert origins["networks.n0.weight_2"] == Fresh()
    assert origins["networks.n0.bias_2"] == Kept("networks.n0.bias_3")
    parent = with_maps((Layer(4, "relu"), Layer(4, "relu", residual=True)), RUN, PLAIN, DECODER, RUN)
    variation = apply("remove_layer", parent, at("n0", 0))
    assert variation.inheritance["networks.n0.from_pixels"] == Fresh()
    assert variation.inheritance["networks.n0.bias_0"] == Kept("networks.n0.bias_1")
    assert variation.architecture.network("n0").hidden == (Layer(4, "relu"),)


def test_only_layers_that_leave_the_map_are_removed() -> None:
    sites = OPERATORS["remove_layer"].sites(WHOLE)
    assert [site.layer for site in sites if site.nodes == ("n0",)] == [1, 2]
    assert [site.layer for site in sites if site.nodes == ("n3",)] == [1]
    parent = with_maps(ENCODER, RUN, PLAIN, (Layer(4, "relu"), Layer(4, "relu")), RUN)
    sites = OPERATORS["remove_layer"].sites(parent)
    assert [site.layer for site in sites if site.nodes == ("n3",)] == [1]


def test_a_run_is_a_site_once_and_not_where_it_holds_a_softmax() -> None:
    soft = (Layer(5, "tanh"), Layer(5, "softmax", residual=True), Layer(4, "relu"))
    parent = with_maps(ENCODER, RUN, soft, DECODER, RUN)
    narrow, widen = (OPERATORS[name].sites(parent) for name in ("narrow_layer", "widen_layer"))
    assert [site.layer for site in narrow if site.nodes == ("n1",)] == [0, 3]
    assert [site.layer for site in widen if site.nodes == ("n1",)] == [0, 3]
    assert [site.layer for site in narrow if site.nodes == ("n2",)] == [0, 2]
    assert [site.layer for site in widen if site.nodes == ("n2",)] == [2]


@given(anyone, seeds)
def test_another_activation_is_all_that_changes(parent: tuple[SearchSpace, Architecture], seed: int) -> None:
    variations = roomy_variations("change_activation", parent[1], seed)
    assert len(variations) == sum(len(network.hidden) for network in parent[1].networks)
    for variation in variations:
        name, layer = variation.site.nodes[0], variation.site.layer
        old, new = parent[1].network(name), variation.architecture.network(name)
        activation = new.hidden[layer].activation
        assert activation in ROOMY.activations
        assert activation != old.hidden[layer].activation
        same = replace(new.hidden[layer], activation=old.hidden[layer].activation)
        hidden = (*new.hidden[:layer], same, *new.hidden[layer + 1 :])
        assert variation.architecture.with_network(replace(new, hidden=hidden)) == parent[1]
        assert all(origin == Kept(name) for name, origin in variation.inheritance.items())
        assert not variation.preserves


@pytest.mark.parametrize(
    ("name", "site", "limits", "named"),
    [
        ("widen_layer", at("n2", 0), {"widths": (1, 6)}, "widths"),
        ("widen_layer", at("n0", 2), {"channels": (1, 6)}, "channels"),
        ("widen_layer", at("n3", 0), {"channels": (1, 6)}, "channels"),
        ("narrow_layer", at("n2", 1), {"widths": (4, 99)}, "widths"),
        ("narrow_layer", at("n3", 2), {"channels": (4, 99)}, "channels"),
        ("deepen_network", at("n2", 1), {"hidden_layers": (0, 2)}, "hidden_layers"),
        ("deepen_network", at("n3", 0), {"hidden_layers": (0, 3)}, "hidden_layers"),
        ("remove_layer", at("n2", 1), {"hidden_layers": (2, 9)}, "hidden_layers"),
        ("change_activation", at("n2", 0), {"activations": ("relu",)}, "activations"),
        ("deepen_network", at("n2", 1), {"activations": ("sigmoid", "softplus")}, "activations"),
    ],
)
def test_an_operator_at_a_limit_refuses_and_names_it(
    name: str, site: Site, limits: dict[str, tuple[object, object]], named: str
) -> None:
    space = replace(ROOMY, **limits)  # type: ignore[arg-type]
    assert not any(site.nodes[0] in broken for broken in violations(WHOLE, space))
    reason = refused(name, WHOLE, site, space)
    assert name in reason
    assert named in reason


def test_a_doubled_layer_needs_room_for_all_its_copies() -> None:
    tight = replace(ROOMY, widths=(1, 11))
    assert "widths" in refused("widen_layer", NORMALISED, at("n2", 0), tight)
    wide = apply("widen_layer", WHOLE, at("n2", 0), space=tight).architecture.network("n2")
    assert 6 < wide.hidden[0].width <= 11


def test_narrowing_stops_at_the_limit_and_at_half() -> None:
    for least, widths in ((4, {4, 5}), (1, {3, 4, 5})):
        space = replace(ROOMY, widths=(least, 128))
        made = [apply("narrow_layer", WHOLE, at("n2", 0), seed=seed, space=space) for seed in range(30)]
        assert {variation.architecture.network("n2").hidden[0].width for variation in made} == widths

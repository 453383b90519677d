"""Merging two networks into one, and grafting a network of another model."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from tests.architecture.samples import WHOLE
from tests.variation.samples import ASKED, SPACES, parents, random_inputs, rough_model, seeds

from graftwork.architecture import (
    Architecture,
    Connection,
    InputNode,
    Layer,
    Network,
    OutputNode,
    SearchSpace,
    random_architecture,
    violations,
)
from graftwork.errors import InputError
from graftwork.model import Given, HeterogeneousModel, Latent, PosteriorMean, build, inherit
from graftwork.runtime import torch_generator
from graftwork.variation import (
    OPERATORS,
    STRUCTURAL,
    GraftNetwork,
    MergeNetworks,
    Refusal,
    Site,
    Variation,
)

Parent = tuple[SearchSpace, Architecture]
MERGE = MergeNetworks()
ROWS = 5

RELU = (Layer(8, "relu"), Layer(8, "relu", residual=True))
WIDER = (Layer(6, "relu"), Layer(6, "relu", residual=True))


def same_outputs(before: HeterogeneousModel, after: HeterogeneousModel, seed: int) -> None:
    """Every output, with the mean of latents and with latents from the prior."""
    inputs = random_inputs(before.architecture, ROWS, seed)
    noise = torch_generator(seed, 0, "given")
    decoders = [network for network in before.architecture.networks if network.is_decoder]
    draws = {n.name: torch.randn((ROWS, n.latent), generator=noise) for n in decoders}
    rules: tuple[Latent, ...] = (PosteriorMean(), Given(draws))
    with torch.no_grad():
        for rule in rules:
            expected, found = (model.run(inputs, latent=rule).outputs for model in (before, after))
            for name, values in expected.items():
                torch.testing.assert_close(found[name], values, rtol=1e-5, atol=1e-5)


def merged(architecture: Architecture, *pair: str, space: SearchSpace | None = None) -> Variation:
    variation = MERGE.apply(architecture, Site("pair", pair), seed=0, space=space)
    assert isinstance(variation, Variation), variation
    return variation


def towards_networks(
    first: tuple[Layer, ...] = RELU, second: tuple[Layer, ...] = WIDER, **settings: str
) -> Architecture:
    """n0 and n1 share an input; n2 reads n0, n3 reads n1, the decoder n4 and n5 read both."""
    return Architecture(
        inputs=(InputNode("pixels", 7), InputNode("age", 2)),
        outputs=(
            OutputNode("digit", "classification", 3),
            OutputNode("type", "regression", 2),
            OutputNode("image", "generation", 6),
        ),
        networks=(
            Network("n0", "regressor", 5, first, dropout=0.2),
            Network("n2", "discretizer", 3, RELU),
            Network("n1", "regressor", 9, second, initialiser="xavier", **settings),  # type: ignore[arg-type]
            Network("n3", "regressor", 2, RELU),
            Network("n4", "decoder", 6, RELU, latent=4),
            Network("n5", "regressor", 2),
        ),
        connections=(
            Connection("pixels", "n0"),
            Connection("pixels", "n1"),
            Connection("age", "n1"),
            Connection("n0", "n2"),
            Connection("n1", "n3"),
            Connection("n1", "n4", "stochastic"),
            Connection("n0", "n4", "stochastic"),
            Connection("n0", "n5"),
            Connection("n1", "n5"),
            Connection("n2", "n4", "condition"),
            Connection("n2", "digit"),
            Connection("n3", "type"),
            Connection("n5", "type"),
            Connection("n4", "image"),
        ),
    )


def towards_one_output(
    kind: str = "regression", first: tuple[Layer, ...] = RELU, second: tuple[Layer, ...] = WIDER
) -> Architecture:
    """n0 and n1, of different widths, are summed up by one output and share an input."""
    made = "discretizer" if kind == "classification" else "regressor"
    return Architecture(
        inputs=(InputNode("pixels", 7), InputNode("age", 2)),
        outputs=(OutputNode("answer", kind, 3),),  # type: ignore[arg-type]
        networks=(
            Network("n0", made, 3, first),  # type: ignore[arg-type]
            Network("n1", made, 4, second),  # type: ignore[arg-type]
        ),
        connections=(
            Connection("pixels", "n0"),
            Connection("age", "n1"),
            Connection("pixels", "n1"),
            Connection("n0", "answer"),
            Connection("n1", "answer"),
        ),
    )


def of_samples() -> Architecture:
    """n1 and n2 refine what the decoder n0 generates, for one output."""
    return Architecture(
        inputs=(InputNode("pixels", 7),),
        outputs=(OutputNode("image", "generation", 6),),
        networks=(
            Network("n3", "regressor", 4, RELU),
            Network("n0", "decoder", 6, RELU, latent=4),
            Network("n1", "regressor", 6, RELU),
            Network("n2", "regressor", 8, WIDER),
        ),
        connections=(
            Connection("pixels", "n3"),
            Connection("n3", "n0", "stochastic"),
            Connection("n0", "n1"),
            Connection("n0", "n2"),
            Connection("n1", "image"),
            Connection("n2", "image"),
        ),
    )


MATCHING = {
    "networks": (towards_networks(), ("n0", "n1")),
    "networks, linear": (towards_networks((), ()), ("n0", "n1")),
    "values": (towards_one_output(), ("n0", "n1")),
    "values, linear": (towards_one_output("regression", (), ()), ("n0", "n1")),
    "logits": (towards_one_output("classification"), ("n0", "n1")),
    "logits, linear": (towards_one_output("classification", (), ()), ("n0", "n1")),
    "samples": (of_samples(), ("n1", "n2")),
}


@pytest.mark.parametrize("case", MATCHING)
def test_merging_matching_networks_preserves_every_output(case: str) -> None:
    architecture, pair = MATCHING[case]
    assert violations(architecture) == []
    assert Site("pair", pair) in MERGE.sites(architecture)
    variation = merged(architecture, *pair)
    assert variation.preserves
    for seed in range(3):
        model = rough_model(architecture, seed)
        same_outputs(model, inherit(model, variation, seed=seed), seed)


def test_a_merged_network_has_the_sources_receivers_and_widths_of_both() -> None:
    child = merged(towards_networks(), "n0", "n1").architecture
    network = child.network("n0")
    assert "n1" not in child.by_name
    assert (network.width, [layer.width for layer in network.hidden]) == (14, [14, 14])
    assert (network.dropout, network.initialiser) == (0.2, "he")
    assert sorted(child.sources("n0")) == ["age", "pixels"]
    assert sorted(child.receivers("n0")) == ["n2", "n3", "n4", "n5"]
    child = merged(towards_one_output(), "n0", "n1").architecture
    assert (child.network("n0").width, child.receivers("n0")) == (4, ("answer",))


def test_blocks_lie_side_by_side_bit_for_bit() -> None:
    parent = towards_networks()
    model = rough_model(parent, 1)
    before = model.state_dict()
    after = inherit(model, merged(parent, "n0", "n1"), seed=1).state_dict()
    weight = after["networks.n0.weight_1"]
    assert torch.equal(weight[:8, :8], before["networks.n0.weight_1"])
    assert torch.equal(weight[8:, 8:], before["networks.n1.weight_1"])
    assert not weight[:8, 8:].any()
    assert not weight[8:, :8].any()
    both = torch.cat([before["networks.n5.from_n0"], before["networks.n5.from_n1"]], dim=1)
    assert torch.equal(after["networks.n5.from_n0"], both)
    latent = torch.cat([before["networks.n4.latent_from_n0"], before["networks.n4.latent_from_n1"]], dim=1)
    assert torch.equal(after["networks.n4.latent_from_n0"], latent)
    assert not after["networks.n3.from_n0"][:, :5].any()
    assert torch.equal(after["networks.n3.from_n0"][:, 5:], before["networks.n3.from_n1"])


def test_a_summed_output_layer_holds_both_times_their_gains() -> None:
    parent = towards_one_output()
    model = rough_model(parent, 1)
    before = model.state_dict()
    after = inherit(model, merged(parent, "n0", "n1"), seed=1).state_dict()
    gains = [before[f"outputs.answer.gain_{name}"] for name in ("n0", "n1")]
    assert after["outputs.answer.gain_n0"] == 1
    assert torch.equal(after["networks.n0.weight_2"][:3, :8], before["networks.n0.weight_2"] * gains[0])
    assert torch.equal(after["networks.n0.weight_2"][:, 8:], before["networks.n1.weight_2"] * gains[1])
    assert not after["networks.n0.weight_2"][3:, :8].any()


TANH = (Layer(6, "tanh"), Layer(6, "tanh"))
SOFTMAX = (Layer(6, "softmax"),)


@pytest.mark.parametrize(
    ("first", "second"),
    [(RELU, TANH), (RELU, WIDER[:1]), (WIDER[:1], RELU), (RELU, (Layer(6, "relu"),) * 2), (SOFTMAX,) * 2],
    ids=["activations", "shallower second", "shallower first", "residual flags", "softmax"],
)
def test_other_layouts_are_not_preserved_and_keep_their_blocks(
    first: tuple[Layer, ...], second: tuple[Layer, ...]
) -> None:
    for parent in (towards_networks(first, second), towards_one_output("regression", first, second)):
        model, variation = rough_model(parent, 2), merged(parent, "n0", "n1")
        network = variation.architecture.network("n0")
        assert not variation.preserves
        assert len(network.hidden) == max(len(first), len(second))
        assert [layer.activation for layer in network.hidden[: len(first)]] == [a.activation for a in first]
        assert network.hidden[-1].residual == (first == RELU and second[-1] == WIDER[-1] and len(second) == 2)
        before, after = model.state_dict(), inherit(model, variation, seed=2).state_dict()
        rows, read = first[0].width, after["networks.n0.from_pixels"]
        assert torch.equal(read[:rows], before["networks.n0.from_pixels"])
        assert torch.equal(read[rows:], before["networks.n1.from_pixels"])
        assert torch.equal(after["networks.n0.from_age"][rows:], before["networks.n1.from_age"])
        assert not after["networks.n0.from_age"][:rows].any()
        last = after[f"networks.n0.weight_{len(network.hidden)}"]
        own = before[f"networks.n0.weight_{len(first)}"]
        gain = before.get("outputs.answer.gain_n0", torch.tensor(1.0))
        assert torch.equal(last[: len(own), : own.shape[1]], own * gain)


def test_units_of_a_shallower_network_are_handed_on_as_they_are() -> None:
    # A relu of what is not negative changes nothing: what is handed on is seen at the output.
    parent = towards_one_output("regression", (Layer(8, "relu"),), (Layer(6, "relu"), Layer(5, "relu")))
    model, variation = rough_model(parent, 3), merged(parent, "n0", "n1")
    child = inherit(model, variation, seed=3)
    assert torch.equal(child.state_dict()["networks.n0.weight_1"][:8, :8], torch.eye(8))
    same_outputs(model, child, 3)


def test_normalisation_stays_where_both_have_it_and_goes_elsewhere() -> None:
    parent = towards_networks(RELU, WIDER[:1], normalisation="layer")
    variation = merged(parent, "n0", "n1")
    assert (variation.architecture.network("n0").normalisation, variation.preserves) == ("none", False)
    parent = parent.with_network(replace(parent.network("n0"), normalisation="layer"))
    model, variation = rough_model(parent, 4), merged(parent, "n0", "n1")
    before, after = model.state_dict(), inherit(model, variation, seed=4).state_dict()
    assert (variation.architecture.network("n0").normalisation, variation.preserves) == ("layer", False)
    for part in ("norm_weight_0", "norm_bias_0"):
        both = torch.cat([before[f"networks.n0.{part}"], before[f"networks.n1.{part}"]])
        assert torch.equal(after[f"networks.n0.{part}"], both)
    # Where the second has no such layer its units are scaled by 1 and shifted by nothing.
    assert torch.equal(after["networks.n0.norm_weight_1"][8:], torch.ones(6))
    assert not after["networks.n0.norm_bias_1"][8:].any()


def test_normalisation_is_nothing_to_networks_without_hidden_layers() -> None:
    parent = towards_networks((), (), normalisation="layer")
    model, variation = rough_model(parent, 5), merged(parent, "n0", "n1")
    assert variation.preserves
    same_outputs(model, inherit(model, variation, seed=5), 5)


def no_site(architecture: Architecture) -> None:
    assert violations(architecture) == []
    assert Site("pair", ("n0", "n1")) not in MERGE.sites(architecture)
    assert isinstance(MERGE.apply(architecture, Site("pair", ("n0", "n1")), seed=0), Refusal)


def test_what_is_not_parallel_or_does_not_fit_together_is_no_site() -> None:
    parent = towards_networks()
    no_site(parent.with_connections(Connection("n0", "n1")))  # in a row
    no_site(parent.with_connections(Connection("n2", "n1")))  # in a row, by another network
    no_site(towards_networks(RELU, ()))  # one of them is linear
    no_site(parent.with_connections(Connection("n1", "type")))  # feeds networks and an output
    condition = replace(parent.connections[6], role="condition")
    no_site(parent.without_connections(parent.connections[6]).with_connections(condition))  # two roles
    residual = parent.with_network(replace(parent.network("n5"), width=5))
    reads = Connection("n0", "n5")
    no_site(residual.without_connections(reads).with_connections(replace(reads, role="residual")))
    two = towards_one_output()
    two = replace(two, outputs=(*two.outputs, OutputNode("other", "regression", 3)))
    no_site(two.with_connections(Connection("n0", "other"), Connection("n1", "other")))  # two outputs


def test_values_and_samples_are_not_merged() -> None:
    parent = of_samples().with_network(Network("n4", "regressor", 6))
    reads = (Connection("n1", "n4"), Connection("n2", "n4"), Connection("n0", "image"))
    parent = parent.without_connections(Connection("n1", "image"), Connection("n2", "image"))
    parent = parent.with_connections(*reads, Connection("n4", "image"))
    assert Site("pair", ("n1", "n2")) in MERGE.sites(parent)
    mixed = parent.with_connections(Connection("pixels", "n2"))
    assert (mixed.carries["n1"], mixed.carries["n2"]) == ("samples", "values")
    assert Site("pair", ("n1", "n2")) not in MERGE.sites(mixed)


def test_a_residual_source_is_no_site() -> None:
    parent = towards_one_output()
    feeder = Network("n2", "regressor", 3)
    parent = parent.with_network(feeder).with_connections(Connection("pixels", "n2"))
    assert Site("pair", ("n0", "n1")) in MERGE.sites(parent.with_connections(Connection("n2", "n0")))
    no_site(parent.with_connections(Connection("n2", "n0", "residual")))


def test_different_readings_of_one_source_are_no_site() -> None:
    def with_readings(second: str) -> Architecture:
        parent = towards_one_output()
        maps = Network("n2", "convolutional_encoder", 18, (Layer(4, "relu"),), shape=(2, 3, 3))
        parent = replace(parent, inputs=(*parent.inputs, InputNode("photo", 9, (1, 3, 3))))
        parent = parent.with_network(maps).with_connections(Connection("photo", "n2"))
        return parent.with_connections(
            Connection("n2", "n0", "input", "pool"),
            Connection("n2", "n1", "input", second),  # type: ignore[arg-type]
        )

    no_site(with_readings("flatten"))
    assert violations(with_readings("pool")) == []
    model = rough_model(with_readings("pool"), 0)
    same_outputs(model, inherit(model, merged(model.architecture, "n0", "n1"), seed=0), 0)


@given(parents, seeds)
def test_merges_of_random_parents_and_their_clones_keep_the_promise(parent: Parent, seed: int) -> None:
    roomy = replace(parent[0], widths=(1, 999), max_networks=20, max_connections=99, max_parameters=10**8)
    clone, model = OPERATORS["clone_network"], rough_model(parent[1], seed)
    for network in model.architecture.networks[:2]:
        site = Site("network", (network.name,))
        variation = clone.apply(model.architecture, site, seed=seed, space=roomy)
        assert isinstance(variation, Variation)
        model = rough_model(variation.architecture, seed)
    for site in MERGE.sites(model.architecture):
        variation = MERGE.apply(model.architecture, site, seed=seed, space=roomy)
        assert isinstance(variation, Variation)
        first, second = site.nodes
        assert variation.architecture.network_names == model.architecture.network_names - {second}
        assert len(variation.architecture.connections) <= len(model.architecture.connections)
        assert variation.architecture.carries[first] == model.architecture.carries[first]
        if variation.preserves:
            same_outputs(model, inherit(model, variation, seed=seed), seed)


@pytest.mark.parametrize("space", SPACES, ids=lambda space: space.name)
def test_twins_of_random_parents_are_merged_within_both_spaces(space: SearchSpace) -> None:
    found = preserved = 0
    for seed in range(12):
        # Two of at most half the width that the space allows fit into one.
        narrow = replace(space, widths=(space.widths[0], space.widths[1] // 2))
        parent = random_architecture(ASKED, narrow, seed=seed)
        roomy, clone = replace(space, max_networks=20, max_connections=99), OPERATORS["clone_network"]
        for site in clone.sites(parent):
            twins = clone.apply(parent, site, seed=seed, space=roomy)
            assert isinstance(twins, Variation)
            (twin,) = twins.architecture.network_names - parent.network_names
            variation = MERGE.apply(
                twins.architecture, Site("pair", (*site.nodes, twin)), seed=seed, space=space
            )
            if isinstance(variation, Variation):
                assert violations(variation.architecture, space) == []
                found, preserved = found + 1, preserved + variation.preserves
    assert found >= 5
    assert preserved >= 1


def test_too_wide_a_merged_network_is_refused_by_name() -> None:
    space = SearchSpace.modern(widths=(1, 13))
    refusal = MERGE.apply(towards_networks(), Site("pair", ("n0", "n1")), seed=0, space=space)
    assert isinstance(refusal, Refusal)
    assert "limit widths" in refusal.reason


@given(parents, parents, seeds)
def test_grafts_preserve_every_output_and_carry_the_donors_weights(
    parent: Parent, other: Parent, seed: int
) -> None:
    (space, recipient), (_, donor) = parent, other
    roomy = replace(space, widths=(1, 999), hidden_layers=(0, 9), max_networks=20, max_connections=99)
    graft, model, source = GraftNetwork(donor), rough_model(recipient, seed), rough_model(donor, seed + 1)
    weights = source.state_dict()
    sites = graft.sites(recipient)
    assert len(sites) == len(set(sites)) > 0
    for site in sites[seed % 5 :: 5]:
        variation = graft.apply(recipient, site, seed=seed, space=roomy)
        if isinstance(variation, Refusal):
            assert "carries" in variation.reason
            continue
        name, receiver = site.nodes
        (new,) = variation.architecture.network_names - recipient.network_names
        assert variation.preserves
        assert variation.donor == donor
        assert variation.architecture.receivers(new) == (receiver,)
        assert variation.architecture.carries[new] == donor.carries[name]
        assert variation.architecture.network(new) == replace(donor.network(name), name=new)
        child = inherit(model, variation, seed=seed, donor=source)
        for parameter, value in child.state_dict().items():
            if parameter.startswith(f"networks.{new}."):
                assert torch.equal(value, weights[parameter.replace(new, name, 1)])
        same_outputs(model, child, seed)


def test_a_graft_computes_what_the_donor_computes_where_all_it_reads_is_there() -> None:
    donor, recipient = towards_networks(), towards_networks(TANH, TANH)
    model, source = rough_model(recipient, 1), rough_model(donor, 2)
    variation = GraftNetwork(donor).apply(recipient, Site("graft", ("n1", "n3")), seed=0)
    assert isinstance(variation, Variation)
    inputs = random_inputs(recipient, ROWS, 3)
    with torch.no_grad():
        child = inherit(model, variation, seed=0, donor=source).run(inputs)
        torch.testing.assert_close(child.raw["n6"], source.run(inputs).raw["n1"])


def test_a_graft_reads_a_recipients_network_only_where_it_is_alike() -> None:
    donor = towards_networks()
    into = ("n3", "type")
    graft = GraftNetwork(donor)
    assert Site("graft", into) in graft.sites(donor)
    for other in ({"width": 8}, {"kind": "discretizer"}):
        changed = replace(donor.network("n1"), **other)  # type: ignore[arg-type]
        # n3 read n1 alone, so that nothing is left that it could read.
        assert Site("graft", into) not in graft.sites(donor.with_network(changed))


def test_a_source_that_is_not_met_is_left_out_unless_it_is_residual() -> None:
    fewer = replace(
        towards_networks(),
        inputs=(InputNode("pixels", 7), InputNode("age", 3)),  # of another width than the donor's
    )
    variation = GraftNetwork(towards_networks()).apply(fewer, Site("graft", ("n1", "n3")), seed=0)
    assert isinstance(variation, Variation)
    assert variation.architecture.sources("n6") == ("pixels",)
    # n1 adds the values of n0 to its own, and reads the pixels besides.
    donor, adds = WHOLE.with_connections(Connection("pixels", "n1")), Site("graft", ("n1", "n2"))
    other = WHOLE.with_network(replace(WHOLE.network("n0"), width=21)).without_network("n1")
    assert adds in GraftNetwork(donor).sites(WHOLE)
    assert adds not in GraftNetwork(donor).sites(other)
    plain = replace(donor, connections=tuple(replace(c, role="input") for c in donor.connections))
    assert adds in GraftNetwork(plain).sites(other)


def test_a_network_that_carries_other_than_its_namesake_is_not_read_for_it() -> None:
    recipient = of_samples()
    donor = recipient.without_connections(Connection("n0", "n1")).with_connections(Connection("pixels", "n1"))
    reader = Network("n5", "regressor", 6, RELU)
    donor = donor.with_network(reader).with_connections(Connection("pixels", "n5"), Connection("n1", "n5"))
    variation = GraftNetwork(donor).apply(recipient, Site("graft", ("n5", "n3")), seed=0)
    assert isinstance(variation, Variation)
    assert variation.architecture.sources("n4") == ("pixels",)


def test_what_refines_samples_is_grafted_where_there_are_samples_alone() -> None:
    donor = of_samples()
    mixed = donor.with_connections(Connection("pixels", "n1"))
    mixed = mixed.without_connections(Connection("n1", "image")).with_connections(Connection("n1", "n2"))
    assert mixed.carries["n1"] == "values"
    listed = {site.nodes for site in GraftNetwork(donor).sites(towards_networks())}
    assert not {name for name, _ in listed} & {"n0", "n1", "n2"}
    onto = GraftNetwork(donor).sites(donor)
    assert {site.nodes for site in onto if site.nodes[0] == "n1"} >= {("n1", "image"), ("n1", "n2")}
    # Of the mixed donor's sources the recipient has both, and then what it makes are values.
    both = {site.nodes[1] for site in GraftNetwork(mixed).sites(donor) if site.nodes[0] == "n1"}
    assert both == {"n1", "n2"}
    # Without the input it would be fed by samples alone, and carry other than it did.
    renamed = replace(donor, inputs=(InputNode("photo", 7),))
    renamed = renamed.without_connections(Connection("pixels", "n3"))
    renamed = renamed.with_connections(Connection("photo", "n3"))
    assert "n1" not in {site.nodes[0] for site in GraftNetwork(mixed).sites(renamed)}


def test_a_graft_closes_no_cycle() -> None:
    donor = towards_networks()
    reads_n0 = {site.nodes[1] for site in GraftNetwork(donor).sites(donor) if site.nodes[0] == "n5"}
    assert reads_n0.isdisjoint({"n0", "n1"})
    assert "n3" in reads_n0


def test_convolutional_networks_and_embeddings_are_grafted_too() -> None:
    parent = Architecture(
        inputs=(InputNode("photo", 9, (1, 3, 3)), InputNode("colour", 1, (), 4)),
        outputs=(OutputNode("answer", "regression", 3),),
        networks=(
            Network("n0", "convolutional_encoder", 18, (Layer(4, "relu"),), shape=(2, 3, 3)),
            Network("n1", "embedding", 5),
            Network("n2", "regressor", 3, RELU),
        ),
        connections=(
            Connection("photo", "n0"),
            Connection("colour", "n1"),
            Connection("n0", "n2", "input", "pool"),
            Connection("n1", "n2"),
            Connection("n2", "answer"),
        ),
    )
    model, donor = rough_model(parent, 0), rough_model(parent, 1)
    graft = GraftNetwork(parent)
    inputs = random_inputs(parent, ROWS, 0) | {"colour": torch.arange(ROWS)[:, None].float() % 4}
    for name in ("n0", "n1", "n2"):
        receiver = "answer" if name == "n2" else "n2"
        variation = graft.apply(parent, Site("graft", (name, receiver)), seed=0)
        assert isinstance(variation, Variation)
        child = inherit(model, variation, seed=0, donor=donor)
        with torch.no_grad():
            torch.testing.assert_close(child(inputs)["answer"], model(inputs)["answer"])
    # A network of values wide enough for the output may feed it directly.
    assert Site("graft", ("n1", "answer")) in graft.sites(parent)
    assert MERGE.sites(parent) == []


def test_a_graft_of_another_donor_is_not_inherited() -> None:
    donor, recipient = towards_networks(), towards_networks(TANH, TANH)
    model, variation = (
        build(recipient, seed=0),
        GraftNetwork(donor).apply(recipient, Site("graft", ("n0", "n3")), seed=0),
    )
    assert isinstance(variation, Variation)
    for wrong in (None, model):
        with pytest.raises(InputError, match="the model that its network comes from"):
            inherit(model, variation, seed=0, donor=wrong)


def test_without_a_donor_there_are_no_grafts() -> None:
    graft, parent = OPERATORS["graft_network"], towards_networks()
    assert graft.sites(parent) == []
    refusal = graft.apply(parent, Site("graft", ("n0", "n3")), seed=0)
    assert isinstance(refusal, Refusal)
    assert "has no site" in refusal.reason
    assert "graft_network" not in {operator.name for operator in STRUCTURAL}
    assert "merge_networks" in {operator.name for operator in STRUCTURAL}


@given(parents, parents)
def test_a_site_is_one_where_it_is_listed(parent: Parent, other: Parent) -> None:
    graft, recipient = GraftNetwork(other[1]), parent[1]
    listed = set(graft.sites(recipient))
    for name in other[1].network_names:
        for receiver in recipient.by_name:
            site = Site("graft", (name, receiver))
            refusal = graft.apply(recipient, site, seed=0)
            told = isinstance(refusal, Refusal) and "has no site" in refusal.reason
            assert told == (site not in listed)

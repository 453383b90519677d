"""What a built model computes."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from tests.variation.samples import parents, random_inputs, rough_model, seeds, small_architecture
from torch.nn import functional as F

from graftwork.architecture import (
    Architecture,
    Connection,
    InputNode,
    Layer,
    Network,
    OutputNode,
    SearchSpace,
    parameter_shapes,
)
from graftwork.errors import NotViableError
from graftwork.model import (
    Given,
    PosteriorMean,
    Reparameterised,
    build,
    kl_divergence,
    with_weights,
)
from graftwork.runtime import torch_generator

Parent = tuple[SearchSpace, Architecture]


@given(parents, seeds)
def test_parameters_are_those_that_the_architecture_names(parent: Parent, seed: int) -> None:
    named = {name: tuple(p.shape) for name, p in build(parent[1], seed=seed).named_parameters()}
    assert named == parameter_shapes(parent[1])


@given(parents, seeds)
def test_every_weight_is_drawn_and_every_bias_starts_at_zero(parent: Parent, seed: int) -> None:
    for name, parameter in build(parent[1], seed=seed).named_parameters():
        part = name.rpartition(".")[2]
        if parameter.ndim == 2:
            assert float((parameter != 0).float().mean()) > 0.99, name
        else:
            start = 0.0 if part.startswith(("bias_", "latent_bias", "norm_bias_")) else 1.0
            assert bool((parameter == start).all()), name


@given(parents, seeds)
def test_fresh_networks_keep_the_scale_of_what_they_read(parent: Parent, seed: int) -> None:
    architecture = parent[1]
    model, inputs = build(architecture, seed=seed), random_inputs(architecture, 64, seed)
    with torch.no_grad():
        raw = model.run(inputs).raw
    assert all(bool(values.isfinite().all()) for values in raw.values())
    assert all(float(values.abs().max()) < 1e3 for values in raw.values())


@torch.no_grad()
@given(parents, seeds)
def test_discretizers_hand_probabilities_to_networks_and_logits_to_outputs(parent: Parent, seed: int) -> None:
    architecture = parent[1]
    model = rough_model(architecture, seed)
    passed = model.run(random_inputs(architecture, 9, seed))
    for network in architecture.networks:
        raw, handed = passed.raw[network.name], passed.handed[network.name]
        expected = torch.softmax(raw, dim=1) if network.kind == "discretizer" else raw
        assert torch.equal(handed, expected)
    gains = dict(model.named_parameters())
    for output in architecture.outputs:
        total = sum(
            gains[f"outputs.{output.name}.gain_{source}"] * passed.raw[source][:, : output.width]
            for source in architecture.sources(output.name)
        )
        torch.testing.assert_close(passed.outputs[output.name], total)


@torch.no_grad()
@given(parents, seeds)
def test_predictions_are_deterministic_and_row_by_row(parent: Parent, seed: int) -> None:
    model, inputs = rough_model(parent[1], seed), random_inputs(parent[1], 12, seed)
    first, second = model(inputs), model(inputs)
    some = model({name: rows[3:8] for name, rows in inputs.items()})
    for name in first:
        assert torch.equal(first[name], second[name])
        torch.testing.assert_close(some[name], first[name][3:8], rtol=1e-4, atol=1e-5)


@torch.no_grad()
@given(parents, seeds)
def test_known_activations_are_not_computed_again(parent: Parent, seed: int) -> None:
    model, inputs = rough_model(parent[1], seed), random_inputs(parent[1], 6, seed)
    whole = model.run(inputs)
    name = parent[1].order[seed % len(parent[1].order)]
    passed = model.run(inputs, known={name: whole.raw[name] + 1})
    assert torch.equal(passed.raw[name], whole.raw[name] + 1)


def conditioned() -> Architecture:
    """A decoder with a stochastic source that conditions nothing, and a condition."""
    hidden = (Layer(8, "tanh"),)
    return Architecture(
        inputs=(InputNode("pixels", 7), InputNode("label", 2)),
        outputs=(OutputNode("image", "generation", 6),),
        networks=(
            Network("n0", "regressor", 4, hidden),
            Network("n1", "discretizer", 3, hidden),
            Network("n2", "decoder", 6, hidden, latent=5),
        ),
        connections=(
            Connection("pixels", "n0"),
            Connection("label", "n1"),
            Connection("n0", "n2", "stochastic"),
            Connection("n1", "n2", "condition"),
            Connection("n2", "image"),
        ),
    )


@torch.no_grad()
def test_samples_read_conditions_but_never_stochastic_sources() -> None:
    model, inputs = rough_model(conditioned(), 0), random_inputs(conditioned(), 20, 0)

    def sampled(**changed: torch.Tensor) -> torch.Tensor:
        generator = torch.Generator().manual_seed(1)
        return model.sample({**inputs, **changed}, rows=15, generator=generator)["image"]

    assert torch.equal(sampled(), sampled(pixels=torch.full((20, 7), torch.nan)))
    assert not torch.equal(sampled(), sampled(label=inputs["label"] + 1))


@torch.no_grad()
def test_conditions_are_drawn_as_often_as_their_weights_say() -> None:
    model, inputs = rough_model(conditioned(), 0), random_inputs(conditioned(), 20, 0)
    weights = torch.zeros(20)
    weights[7] = 2.0

    def sampled(rows: dict[str, torch.Tensor], weights: torch.Tensor | None = None) -> torch.Tensor:
        generator = torch.Generator().manual_seed(1)
        return model.sample(rows, rows=15, generator=generator, weights=weights)["image"]

    only = {name: values[7:8] for name, values in inputs.items()}
    torch.testing.assert_close(sampled(inputs, weights), sampled(only))
    assert not torch.allclose(sampled(inputs), sampled(only))


@torch.no_grad()
def test_a_network_more_does_not_change_what_other_decoders_draw() -> None:
    one = conditioned()
    more = replace(
        one,
        networks=(Network("n9", "decoder", 6, (), latent=3), *one.networks),
        connections=(*one.connections, Connection("n0", "n9", "stochastic"), Connection("n9", "image")),
    )
    model = rough_model(one, 0)
    weights = rough_model(more, 1).state_dict() | model.state_dict()
    weights["outputs.image.gain_n9"] = torch.tensor(0.0)
    inputs = random_inputs(one, 20, 0)
    first, second = (
        m.sample(inputs, rows=15, generator=torch.Generator().manual_seed(1))["image"]
        for m in (model, with_weights(more, weights))
    )
    torch.testing.assert_close(first, second)


@torch.no_grad()
def test_latents_are_the_mean_or_drawn_or_given() -> None:
    mean, log_variance = torch.full((4000, 1), 2.0), torch.full((4000, 1), 2 * torch.log(torch.tensor(3.0)))
    assert torch.equal(PosteriorMean()("n0", mean, log_variance), mean)
    drawn = Reparameterised(0)("n0", mean, log_variance)
    assert float(drawn.mean()) == pytest.approx(2.0, abs=0.2)
    assert float(drawn.std()) == pytest.approx(3.0, abs=0.2)
    assert torch.equal(Given({"n0": mean})("n0", mean + 1, log_variance), mean)


def test_the_divergence_is_that_of_torch_distributions() -> None:
    generator = torch_generator(0, 0, "kl")
    mean, log_variance = torch.randn((50, 4), generator=generator), torch.randn((50, 4), generator=generator)
    posterior = torch.distributions.Normal(mean, torch.exp(0.5 * log_variance))
    expected = torch.distributions.kl_divergence(posterior, torch.distributions.Normal(0.0, 1.0)).sum(dim=1)
    torch.testing.assert_close(kl_divergence(mean, log_variance), expected)


@torch.no_grad()
def test_layers_compute_what_torch_computes() -> None:
    architecture = Architecture(
        inputs=(InputNode("pixels", 7), InputNode("label", 2)),
        outputs=(OutputNode("amount", "regression", 8),),
        networks=(
            Network("n0", "regressor", 8, ()),
            Network(
                "n1",
                "regressor",
                8,
                (Layer(8, "gelu"), Layer(8, "tanh", residual=True), Layer(4, "relu")),
                normalisation="layer",
            ),
        ),
        connections=(
            Connection("pixels", "n0"),
            Connection("label", "n1"),
            Connection("n0", "n1", "residual"),
            Connection("n1", "amount"),
        ),
    )
    model, rows = rough_model(architecture, 0), random_inputs(architecture, 10, 0)
    w = {name.removeprefix("networks."): value for name, value in model.state_dict().items()}
    first = rows["pixels"] @ w["n0.from_pixels"].T + w["n0.bias_0"]
    whole = torch.cat([w["n1.from_label"], w["n1.from_n0"]], dim=1)
    h = torch.cat([rows["label"], first], dim=1) @ whole.T + w["n1.bias_0"]
    h = h0 = F.gelu(F.layer_norm(h, (8,), w["n1.norm_weight_0"], w["n1.norm_bias_0"]))
    h = h @ w["n1.weight_1"].T + w["n1.bias_1"]
    h = torch.tanh(F.layer_norm(h, (8,), w["n1.norm_weight_1"], w["n1.norm_bias_1"])) + h0
    h = h @ w["n1.weight_2"].T + w["n1.bias_2"]
    h = torch.relu(F.layer_norm(h, (4,), w["n1.norm_weight_2"], w["n1.norm_bias_2"]))
    expected = (h @ w["n1.weight_3"].T + w["n1.bias_3"] + first) * model.state_dict()[
        "outputs.amount.gain_n1"
    ]
    torch.testing.assert_close(model(rows)["amount"], expected)


def test_an_architecture_that_is_not_viable_is_not_built() -> None:
    architecture = small_architecture(0)
    with pytest.raises(NotViableError, match="has no source"):
        build(replace(architecture, connections=()), seed=0)


def test_decoders_draw_from_streams_of_their_own() -> None:
    mean, log_variance = torch.zeros(50, 3), torch.zeros(50, 3)
    alone, beside = Reparameterised(0), Reparameterised(0)
    beside("n1", mean, log_variance)
    first = alone("n0", mean, log_variance)
    assert torch.equal(first, beside("n0", mean, log_variance))
    assert not torch.equal(first, alone("n0", mean, log_variance))
    assert not torch.equal(first, Reparameterised(1)("n0", mean, log_variance))
    assert not torch.equal(first, Reparameterised(0)("n1", mean, log_variance))

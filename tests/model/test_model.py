"""The module of an architecture: what is promised of its weights, its answers and its children."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.architecture.samples import ASKED, SPACES, WHOLE, Asked, Port, architectures
from torch import Tensor

from graftwork.architecture import Architecture, SearchSpace, random_architecture
from graftwork.errors import InputError
from graftwork.model import (
    Dropout,
    Given,
    HeterogeneousModel,
    Reparameterised,
    build,
    inherit,
    with_weights,
)
from graftwork.runtime import torch_generator
from graftwork.store import load_tensors, save_tensors
from graftwork.variation import OPERATORS, Kept, Operator, Refusal, Shared, Site, Variation, Zeros

ROWS = 7
PRESERVING = ("add_connection", "divide_connection", "clone_network", "continue")
spaces = st.sampled_from(SPACES)
seeds = st.integers(0, 10**6)


def rows_of(architecture: Architecture, seed: int = 0, rows: int = ROWS) -> dict[str, Tensor]:
    generator = torch_generator(seed, 0, "rows")
    return {node.name: torch.randn(rows, node.width, generator=generator) for node in architecture.inputs}


def draws_for(architecture: Architecture, origin: dict[str, str]) -> dict[str, Tensor]:
    """Draws of every decoder; a twin shares those of the network that it was cloned from."""
    return {
        network.name: torch.randn(
            ROWS, network.latent, generator=torch_generator(0, origin.get(network.name, network.name), "draw")
        )
        for network in architecture.networks
        if network.kind == "decoder"
    }


def trained(model: HeterogeneousModel, seed: int) -> HeterogeneousModel:
    """The model with weights off their initial values, gains and biases among them."""
    generator = torch_generator(seed, 0, "shift")
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.05 * torch.randn(parameter.shape, generator=generator)
    return model


def assert_same_answers(
    before: HeterogeneousModel, after: HeterogeneousModel, origin: dict[str, str]
) -> None:
    rows = rows_of(before.architecture)
    names = [o.name for o in before.architecture.outputs if o.kind == "generation"]
    with torch.no_grad():
        pairs = [(before(rows), after(rows))]
        given = [Given(draws_for(model.architecture, origin)) for model in (before, after)]
        sampled = [
            model.run(rows, latent=latent, outputs=names).outputs
            for model, latent in zip((before, after), given, strict=True)
        ]
    for old, new in (*pairs, tuple(sampled)):
        assert old.keys() == new.keys()
        for name, values in old.items():
            # Deep stacks may answer in hundreds: float32 rounds in proportion.
            scale = max(1.0, float(values.abs().max()))
            assert float((values - new[name]).abs().max()) <= 1e-5 * scale


@given(spaces, seeds, st.lists(st.tuples(st.sampled_from(PRESERVING), seeds), min_size=3, max_size=3))
def test_preserving_operators_preserve_alone_and_in_a_row(
    space: SearchSpace, seed: int, steps: list[tuple[str, int]]
) -> None:
    first = trained(build(random_architecture(ASKED, space, seed=seed), seed=seed), seed)
    current, origin = first, dict[str, str]()
    for name, number in steps:
        sites = OPERATORS[name].sites(current.architecture)
        if not sites:
            continue
        site = sites[number % len(sites)]
        variation = OPERATORS[name].apply(current.architecture, site, seed=number, space=space)
        if isinstance(variation, Refusal) or not variation.preserves:
            continue
        if name == "clone_network":
            (twin,) = variation.architecture.network_names - current.architecture.network_names
            origin[twin] = origin.get(site.nodes[0], site.nodes[0])
        child = inherit(current, variation, seed=number)
        assert_same_answers(current, child, origin)
        current = child
    assert_same_answers(first, current, origin)


@given(spaces, seeds, st.sampled_from(list(OPERATORS.values())))
def test_the_plan_is_carried_out_bit_for_bit(space: SearchSpace, seed: int, operator: Operator) -> None:
    parent = trained(build(random_architecture(ASKED, space, seed=seed), seed=seed), seed)
    before = {name: value.clone() for name, value in parent.state_dict().items()}
    for site in operator.sites(parent.architecture)[:4]:
        variation = operator.apply(parent.architecture, site, seed=seed, space=space)
        if isinstance(variation, Refusal):
            continue
        after = inherit(parent, variation, seed=seed).state_dict()
        for name, origin in variation.inheritance.items():
            if isinstance(origin, Kept):
                assert torch.equal(after[name], before[origin.parameter])
            elif isinstance(origin, Zeros):
                assert not after[name].any()
        assert all(torch.equal(value, before[name]) for name, value in parent.state_dict().items())


@given(spaces, seeds)
def test_reinitialise_draws_other_weights(space: SearchSpace, seed: int) -> None:
    parent = build(random_architecture(ASKED, space, seed=seed), seed=seed)
    operator = OPERATORS["reinitialise_network"]
    variation = operator.apply(
        parent.architecture, operator.sites(parent.architecture)[0], seed=1, space=space
    )
    if isinstance(variation, Variation):
        name = variation.site.nodes[0]
        after, before = inherit(parent, variation, seed=seed).state_dict(), parent.state_dict()
        weights = [p for p in after if p.startswith(f"networks.{name}.") and after[p].dim() == 2]
        assert weights
        for weight in weights:
            old = before.get(weight)
            assert old is None or old.shape != after[weight].shape or not torch.equal(old, after[weight])


@given(architectures, seeds)
def test_shares_of_twins_add_up_and_are_uneven(architecture: Architecture, seed: int) -> None:
    space = SearchSpace.paper(hidden_layers=(0, 9), widths=(1, 128), latents=(1, 64), max_networks=20)
    operator, parent = OPERATORS["clone_network"], trained(build(architecture, seed=seed), seed)
    site = operator.sites(architecture)[seed % len(architecture.networks)]
    variation = operator.apply(architecture, site, seed=seed, space=space)
    if isinstance(variation, Refusal):
        return
    before, after = parent.state_dict(), inherit(parent, variation, seed=0).state_dict()
    pairs: dict[str, list[str]] = {}
    for name, origin in variation.inheritance.items():
        if isinstance(origin, Shared):
            pairs.setdefault(origin.parameter, []).append(name)
    assert pairs
    for whole, (first, second) in pairs.items():
        torch.testing.assert_close(after[first] + after[second], before[whole])
        if before[whole].numel() > 1:
            share = after[first] / before[whole]
            assert float(share.std()) > 0.05
            assert 0.19 < float(share.min()) < float(share.max()) < 0.81


def test_a_variation_of_another_model_is_not_inherited() -> None:
    operator = OPERATORS["continue"]
    space = SPACES[1]
    first, second = (random_architecture(ASKED, space, seed=seed) for seed in (0, 1))
    variation = operator.apply(first, Site("model"), seed=0, space=space)
    assert isinstance(variation, Variation)
    with pytest.raises(InputError, match="another architecture"):
        inherit(build(second, seed=0), variation, seed=0)


@given(architectures, seeds)
def test_a_seed_says_every_weight(architecture: Architecture, seed: int) -> None:
    first, second, other = (build(architecture, seed=s).state_dict() for s in (seed, seed, seed + 1))
    assert all(torch.equal(value, second[name]) for name, value in first.items())
    assert any(not torch.equal(value, other[name]) for name, value in first.items())


@given(architectures, seeds)
def test_gradients_reach_every_network(architecture: Architecture, seed: int) -> None:
    model = build(architecture, seed=seed)
    latent = Reparameterised(seed)
    passed = model.run(rows_of(architecture, seed, rows=32), latent=latent)
    loss = sum(v.square().mean() for v in passed.outputs.values()) + sum(k.mean() for k in passed.kl.values())
    loss.backward()  # type: ignore[union-attr]
    for network in architecture.networks:
        gradients = [p.grad for p in model.networks[network.name].parameters()]
        assert all(g is not None and g.isfinite().all() for g in gradients)
        assert any(g.any() for g in gradients if g is not None)


def test_networks_read_probabilities_and_outputs_get_logits() -> None:
    model = trained(build(WHOLE, seed=0), 0)
    passed = model.run(rows_of(WHOLE))
    torch.testing.assert_close(passed.handed["n2"].sum(dim=1), torch.ones(ROWS))
    assert bool((passed.raw["n2"] < 0.0).any())
    gain = model.get_parameter("outputs.digit.gain_n2")
    torch.testing.assert_close(passed.outputs["digit"], passed.raw["n2"] * gain)


@given(architectures, seeds)
def test_a_prediction_is_no_noise(architecture: Architecture, seed: int) -> None:
    model, rows = build(architecture, seed=seed), rows_of(architecture, seed)
    first, second = model(rows), model(rows)
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_samples_follow_their_generator() -> None:
    model, rows = build(WHOLE, seed=0), rows_of(WHOLE)
    first, again, other = (
        model.sample(rows, rows=5, generator=torch_generator(s, 0, "s"))["image"] for s in (0, 0, 1)
    )
    assert first.shape == (5, 64)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_a_model_in_float64_draws_what_one_in_float32_draws() -> None:
    single, rows = trained(build(WHOLE, seed=0), 0), rows_of(WHOLE)
    double = trained(build(WHOLE, seed=0), 0).double()
    doubled = {name: values.double() for name, values in rows.items()}
    networks = WHOLE.network_names
    with torch.no_grad():
        answers, exact = (
            (
                model.run(given, latent=Reparameterised(3), dropout=Dropout(3, networks)).outputs,
                model.sample(given, rows=5, generator=torch_generator(0, 0, "s")),
            )
            for model, given in ((single, rows), (double, doubled))
        )
    for came, expected in zip(answers, exact, strict=True):
        for name, values in came.items():
            assert expected[name].dtype == torch.float64
            assert torch.allclose(values.double(), expected[name], rtol=1e-4, atol=1e-4)


def test_draws_do_not_depend_on_the_default_type_of_pytorch() -> None:
    drawn = []
    try:
        for dtype in (torch.float32, torch.float64):
            torch.set_default_dtype(dtype)
            noise, mask = (
                Reparameterised(3).noise("n0", (4, 5)),
                Dropout(3, frozenset()).mask("n0", 0.3, (4, 5)),
            )
            drawn.append((noise, mask))
    finally:
        torch.set_default_dtype(torch.float32)
    for first, second in zip(*drawn, strict=True):
        assert first.dtype == second.dtype == torch.float32
        assert torch.equal(first, second)


@given(architectures, seeds, st.data())
def test_known_values_change_nothing(architecture: Architecture, seed: int, data: st.DataObject) -> None:
    model, rows = build(architecture, seed=seed), rows_of(architecture, seed)
    with torch.no_grad():
        whole = model.run(rows)
        names = data.draw(st.sets(st.sampled_from(sorted(architecture.network_names))))
        wanted = data.draw(st.sets(st.sampled_from(sorted(architecture.output_names)), min_size=1))
        part = model.run(rows, known={name: whole.raw[name] for name in names}, outputs=wanted)
    assert part.outputs.keys() == wanted
    assert all(torch.equal(part.outputs[name], whole.outputs[name]) for name in wanted)


@pytest.mark.parametrize("name", ["type", "half", "train", "forward", "parameters"])
def test_an_output_may_bear_a_name_that_torch_uses(name: str) -> None:
    problem = Asked(outputs={name: Port(3, "regression"), "y": Port(2, "regression")})
    model = build(random_architecture(problem, SPACES[1], seed=0), seed=0)
    assert set(model.eval().train()(rows_of(model.architecture))) == {name, "y"}
    assert any(key.startswith(f"outputs.{name}.gain_") for key in model.state_dict())


def test_weights_that_read_an_input_called_bias_are_drawn() -> None:
    problem = Asked(inputs={"bias_current": Port(5)}, outputs={"y": Port(2, "regression")})
    model = build(random_architecture(problem, SPACES[1], seed=0), seed=0)
    blocks = [value for name, value in model.state_dict().items() if name.endswith("from_bias_current")]
    assert blocks
    assert all(block.any() for block in blocks)


def test_tied_weights_are_saved_and_inherited() -> None:
    architecture = random_architecture(ASKED, SPACES[1], seed=3)
    operator = OPERATORS["clone_network"]
    variation = operator.apply(architecture, operator.sites(architecture)[0], seed=0)
    assert isinstance(variation, Variation)
    twins = inherit(build(architecture, seed=0), variation, seed=0)
    (name,) = variation.site.nodes
    (twin,) = variation.architecture.network_names - architecture.network_names
    networks = dict(twins.networks.named_children())
    networks[twin].register_parameter("bias_0", networks[name].get_parameter("bias_0"))
    kept = load_tensors(save_tensors(twins.state_dict()))
    again = with_weights(twins.architecture, kept)
    rows = rows_of(architecture)
    for output, value in twins(rows).items():
        torch.testing.assert_close(again(rows)[output], value)
    grandchild = operator.apply(twins.architecture, variation.site, seed=1)
    assert isinstance(grandchild, Variation)
    inherit(twins, grandchild, seed=1)

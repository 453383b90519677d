"""Operators that promise to preserve the function do; the others keep every weight that the plan keeps."""

from __future__ import annotations

import torch
from hypothesis import given
from tests.variation.samples import (
    chains,
    operator_sites,
    parents,
    random_inputs,
    rough_model,
    seeds,
    small_architecture,
)

from graftwork.architecture import SearchSpace
from graftwork.model import inherit
from graftwork.variation import OPERATORS, Fresh, Kept, Site, Variation, Zeros

CLOSE = {"rtol": 1e-5, "atol": 1e-5}


@torch.no_grad()
@given(parents, seeds)
def test_every_site_of_every_preserving_operator(parent: tuple[SearchSpace, object], seed: int) -> None:
    space, architecture = parent
    model = rough_model(architecture, seed)  # type: ignore[arg-type]
    inputs = random_inputs(model.architecture, 5, seed)
    before = model(inputs)
    for operator, site in operator_sites(model.architecture)[seed % 8 :: 8]:
        variation = operator.apply(model.architecture, site, seed=seed, space=space)
        if isinstance(variation, Variation) and variation.preserves:
            after = inherit(model, variation, seed=seed)(inputs)
            for name in before:
                torch.testing.assert_close(after[name], before[name], **CLOSE)


@torch.no_grad()
@given(parents, seeds)
def test_a_cloned_decoder_keeps_predictions_and_does_not_promise_samples(
    parent: tuple[SearchSpace, object], seed: int
) -> None:
    space, architecture = parent
    model = rough_model(architecture, seed)  # type: ignore[arg-type]
    inputs = random_inputs(model.architecture, 5, seed)
    for network in model.architecture.networks:
        site = Site("network", (network.name,))
        cloned = OPERATORS["clone_network"].apply(model.architecture, site, seed=seed, space=space)
        if not isinstance(cloned, Variation):
            continue
        assert cloned.preserves == (network.kind != "decoder")
        after, before = inherit(model, cloned, seed=seed)(inputs), model(inputs)
        for name in before:
            torch.testing.assert_close(after[name], before[name], **CLOSE)


@given(chains(length=4), seeds)
def test_weights_are_what_the_plan_says(chain: tuple[SearchSpace, list[Variation]], seed: int) -> None:
    for variation in chain[1]:
        model = rough_model(variation.parent, seed)
        before = {name: value.clone() for name, value in model.state_dict().items()}
        after = inherit(model, variation, seed=seed).state_dict()
        assert set(after) == set(variation.inheritance)
        for name, origin in variation.inheritance.items():
            if isinstance(origin, Kept):
                assert torch.equal(after[name], before[origin.parameter])
            elif isinstance(origin, Zeros):
                assert not after[name].any()
            elif isinstance(origin, Fresh) and name in before:
                same = after[name].shape == before[name].shape and torch.equal(after[name], before[name])
                assert not same, f"{name} was to be drawn anew"
        assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


@torch.no_grad()
def test_a_clone_of_what_a_residual_network_adds_leaves_every_answer() -> None:
    roomy, found = SearchSpace.modern(max_networks=20, max_connections=99), 0
    for seed in range(6):
        model = rough_model(small_architecture(seed), seed)
        divide, clone = OPERATORS["divide_connection"], OPERATORS["clone_network"]
        for site in divide.sites(model.architecture):
            divided = divide.apply(model.architecture, site, seed=seed, space=roomy)
            if not (isinstance(divided, Variation) and divided.preserves):
                continue
            middle = inherit(model, divided, seed=seed)
            (new,) = divided.architecture.network_names - model.architecture.network_names
            for name in (site.nodes[0], new):
                cloned = clone.apply(divided.architecture, Site("network", (name,)), seed=seed, space=roomy)
                assert isinstance(cloned, Variation)
                inputs = random_inputs(model.architecture, 5, seed)
                before, after = model(inputs), inherit(middle, cloned, seed=seed)(inputs)
                for output in before:
                    torch.testing.assert_close(after[output], before[output], **CLOSE)
                found += 1
    assert found > 10

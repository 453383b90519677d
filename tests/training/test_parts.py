"""Training, of a whole model and of a part of it."""

from __future__ import annotations

import pytest
import torch
from tests.variation.samples import rough_model, small_architecture, small_problem
from torch import Tensor

from graftwork.architecture import SearchSpace
from graftwork.evaluation import evaluate
from graftwork.model import HeterogeneousModel, build, inherit
from graftwork.runtime import Budget
from graftwork.training import Trained, TrainingOptions, _train, split_losses, train
from graftwork.variation import OPERATORS, Variation, affected_outputs

QUICK = TrainingOptions(check_every=10)


def trained(model: HeterogeneousModel, *, steps: int = 40, seed: int = 0, **options: object) -> Trained:
    return train(model, small_problem(), budget=Budget(steps=steps), seed=seed, options=QUICK, **options)  # type: ignore[arg-type]


def weights(model: HeterogeneousModel) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in model.state_dict().items()}


def variations(seed: int) -> list[tuple[HeterogeneousModel, frozenset[str]]]:
    """Children of one parent, at one site an operator, and the part of each that is to be trained."""
    parent = rough_model(small_architecture(seed), seed)
    children = []
    for operator in OPERATORS.values():
        for site in operator.sites(parent.architecture):
            variation = operator.apply(parent.architecture, site, seed=seed)
            if isinstance(variation, Variation):
                children.append((inherit(parent, variation, seed=seed), variation.affected))
                break
    return children


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("space", [SearchSpace.modern(), SearchSpace.paper()], ids=lambda space: space.name)
def test_the_loss_falls(space: SearchSpace, seed: int) -> None:
    model = build(small_architecture(seed, space), seed=seed)
    before = sum(split_losses(model, small_problem(), small_problem().train).values())
    after = trained(model, steps=60).model
    assert sum(split_losses(after, small_problem(), small_problem().train).values()) < 0.95 * before


def test_a_model_learns_what_can_be_learnt() -> None:
    model = trained(build(small_architecture(1), seed=0), steps=400).model
    scores = evaluate(model, small_problem())
    assert all(score.decision_skill > 0.4 for score in scores.values()), scores


@pytest.mark.parametrize("seed", range(2))
def test_only_the_trained_part_changes(seed: int) -> None:
    for model, part in variations(seed):
        after = weights(trained(model, steps=15, trainable=part).model)
        reached = affected_outputs(model.architecture, part)
        assert any(not torch.equal(after[name], value) for name, value in weights(model).items())
        for name, value in weights(model).items():
            group, owner, parameter = name.split(".")
            own = owner in part if group == "networks" else parameter.removeprefix("gain_") in part
            assert own or torch.equal(after[name], value), name
            assert group != "outputs" or owner in reached or torch.equal(after[name], value)


@pytest.mark.parametrize("seed", range(2))
def test_outputs_that_the_trained_part_does_not_reach_stay_the_same(seed: int) -> None:
    problem = small_problem()
    for model, part in variations(seed):
        result = trained(model, steps=15, trainable=part)
        reached = affected_outputs(model.architecture, part)
        assert set(result.curve[0][1]) == reached
        before, after = evaluate(model, problem), evaluate(result.model, problem)
        assert all(before[name] == after[name] for name in problem.outputs if name not in reached)


def test_cached_activations_train_what_computed_ones_do(monkeypatch: pytest.MonkeyPatch) -> None:
    problem, saved = small_problem(), 0
    computed = _train.frozen_values
    for model, part in variations(1):
        saved += len(computed(model, problem.train, part, affected_outputs(model.architecture, part)))
        monkeypatch.setattr(_train, "frozen_values", computed)
        cached = trained(model, steps=15, trainable=part)
        monkeypatch.setattr(_train, "frozen_values", lambda *_: {})
        uncached = trained(model, steps=15, trainable=part)
        assert (cached.steps, cached.reason) == (uncached.steps, uncached.reason)
        for (step, losses), (other, others) in zip(cached.curve, uncached.curve, strict=True):
            assert step == other
            assert losses == pytest.approx(others, rel=1e-4, abs=1e-5)
        for name, value in weights(cached.model).items():
            torch.testing.assert_close(value, weights(uncached.model)[name], rtol=1e-3, atol=1e-5)
        first, second = evaluate(cached.model, problem), evaluate(uncached.model, problem)
        for name in problem.outputs:
            assert first[name].decision_value == pytest.approx(second[name].decision_value, abs=1e-5)
    assert saved > 0


def test_steps_are_spent_and_no_more() -> None:
    result = trained(build(small_architecture(0), seed=0), steps=37)
    assert (result.steps, result.reason) == (37, "budget")
    assert [steps for steps, _ in result.curve] == [0, 10, 20, 30, 37]


def test_a_missing_target_is_as_if_the_row_did_not_train_that_output() -> None:
    problem = small_problem(missing=True)
    result = train(
        build(small_architecture(1), seed=0), problem, budget=Budget(steps=300), seed=0, options=QUICK
    )
    assert result.reason != "not finite"
    assert all(bool(value.isfinite().all()) for value in result.model.state_dict().values())
    assert all(score.decision_skill > 0.2 for score in evaluate(result.model, problem).values())


def test_training_does_not_touch_the_global_generators() -> None:
    state = torch.get_rng_state()
    trained(build(small_architecture(0), seed=0))
    assert torch.equal(torch.get_rng_state(), state)


def test_twins_that_feed_outputs_alone_part() -> None:
    operator, ratios = OPERATORS["clone_network"], []
    roomy = SearchSpace.modern(max_networks=20, max_connections=99)
    for seed in (2, 3):
        parent = rough_model(small_architecture(seed), seed)
        for site in operator.sites(parent.architecture):
            if set(parent.architecture.receivers(site.nodes[0])) - parent.architecture.output_names:
                continue
            variation = operator.apply(parent.architecture, site, seed=seed, space=roomy)
            assert isinstance(variation, Variation)
            (twin,) = variation.architecture.network_names - parent.architecture.network_names
            child = inherit(parent, variation, seed=seed)
            start = first_layer(child, twin)
            after = trained(child, steps=40).model
            one, other = first_layer(after, site.nodes[0]), first_layer(after, twin)
            ratios.append(float((one - other).norm() / (other - start).norm()))
    assert len(ratios) == 6
    assert min(ratios) > 0.3, ratios


def first_layer(model: HeterogeneousModel, name: str) -> Tensor:
    state = model.state_dict()
    return torch.cat([state[key].flatten() for key in state if key.startswith(f"networks.{name}.from_")])

"""Scores of a model on a split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
import torch
from tests.training.engines.cases import rich_problem, whole_architecture
from tests.variation.samples import rough_model, small_architecture, small_problem
from torch import Tensor

from graftwork.architecture import Architecture, Connection, Network, interface
from graftwork.errors import InputError, RunError
from graftwork.evaluation import _evaluate, evaluate
from graftwork.model import HeterogeneousModel, build, with_weights
from graftwork.problem import Problem, Score, Split

CONDITIONED = Architecture(
    *interface(small_problem()),
    (
        Network("n0", "regressor", 6),
        Network("n1", "discretizer", 3),
        Network("n2", "decoder", 6, latent=6),
    ),
    (
        Connection("pixels", "n0"),
        Connection("bias_level", "n1"),
        Connection("pixels", "n1"),
        Connection("n0", "n2", "stochastic"),
        Connection("n1", "n2", "condition"),
        Connection("n1", "digit"),
        Connection("n0", "type"),
        Connection("n2", "image"),
    ),
)


def with_rows(problem: Problem, inputs: dict[str, torch.Tensor]) -> Problem:
    """The problem with other inputs in its validation rows."""
    return replace(problem, validation=Split(inputs, problem.validation.targets), loader=None)


def test_the_model_and_the_global_generators_stay_as_they_are() -> None:
    model = rough_model(small_architecture(0), 0)
    before, state = {n: v.clone() for n, v in model.state_dict().items()}, torch.get_rng_state()
    evaluate(model, small_problem())
    assert all(torch.equal(v, before[n]) for n, v in model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), state)


def copying_decoder() -> HeterogeneousModel:
    """Its reconstruction is nearly perfect and its samples are all nearly the mean."""
    weights = {
        name: torch.zeros_like(value) for name, value in build(CONDITIONED, seed=0).state_dict().items()
    }
    weights["networks.n2.from_latent"] = 1e-3 * torch.eye(6)
    weights["networks.n2.latent_from_n0"] = torch.cat([1e3 * torch.eye(6), torch.zeros(6, 6)])
    rows = small_problem().train
    wide = torch.cat([rows.inputs["pixels"], torch.ones(rows.rows, 1)], dim=1)
    solved = torch.linalg.lstsq(wide, rows.targets["image"]).solution
    weights["networks.n0.from_pixels"] = solved[:-1].T.contiguous()
    weights["networks.n0.bias_0"] = solved[-1].clone()
    return with_weights(CONDITIONED, weights | {"outputs.image.gain_n2": torch.tensor(1.0)})


def test_generation_is_judged_by_samples_and_not_by_reconstructions() -> None:
    problem, model = small_problem(), copying_decoder()
    with torch.no_grad():
        copied = model(problem.validation.inputs)["image"]
    assert problem.score("image", copied).skill > 0.5
    score = evaluate(model, problem)["image"]
    assert score.skill < problem.score("image", copied).skill - 0.3
    collapsed = 1e-3 * torch.randn(copied.shape, generator=torch.Generator().manual_seed(0))
    assert score.value == pytest.approx(problem.score("image", collapsed).value, rel=0.05)


def test_samples_are_not_conditioned_on_the_rows_that_judge_them() -> None:
    problem, model = small_problem(), rough_model(CONDITIONED, 0)
    noise = {name: 3 * rows + 1 for name, rows in problem.validation.inputs.items()}
    first, other = evaluate(model, problem), evaluate(model, with_rows(problem, noise))
    assert first["image"] == other["image"]
    assert first["digit"] != other["digit"]
    assert first["type"] != other["type"]


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_predictions_are_scored_on_the_split_that_is_named(split: str) -> None:
    problem, model = small_problem(), rough_model(small_architecture(0), 0)
    scores = evaluate(model, problem, split=split)
    with torch.no_grad():
        answers = model(problem.split(split).inputs)
    for name in ("digit", "type"):
        assert scores[name] == problem.score(name, answers[name], split)


def test_an_unknown_split_is_refused() -> None:
    with pytest.raises(InputError, match="validation"):
        evaluate(rough_model(small_architecture(0), 0), small_problem(), split="valid")


def test_answers_that_are_not_finite_get_no_score() -> None:
    model = rough_model(small_architecture(0), 0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(float("nan"))
    with pytest.raises(RunError, match="not finite"):
        evaluate(model, small_problem())


def test_batches_of_rows_change_no_score(monkeypatch: pytest.MonkeyPatch) -> None:
    model, problem = rough_model(small_architecture(0), 0), small_problem()
    whole = evaluate(model, problem)
    monkeypatch.setattr(_evaluate, "_BATCH", 7)
    for name, score in evaluate(model, problem).items():
        assert score.metrics == pytest.approx(whole[name].metrics, abs=1e-5)


def test_outputs_that_are_not_asked_for_are_left_out() -> None:
    model, problem = rough_model(small_architecture(0), 0), small_problem()
    whole = evaluate(model, problem)
    for name in problem.outputs:
        assert evaluate(model, problem, outputs=[name]) == {name: whole[name]}


def test_training_rows_of_no_weight_are_no_conditions() -> None:
    problem, model = rich_problem(), rough_model(whole_architecture(), 0)
    weights = (torch.arange(problem.train.rows) % 3 > 0).float()
    spoilt = {name: values.clone() for name, values in problem.train.inputs.items()}
    for name in ("pixels", "level", "photo"):
        spoilt[name][weights == 0] += 30.0

    def scores(inputs: Mapping[str, Tensor], weights: Tensor | None) -> dict[str, Score]:
        return evaluate(model, replace(problem, train=replace(problem.train, inputs=inputs, weights=weights)))

    assert scores(spoilt, weights)["image"] == scores(problem.train.inputs, weights)["image"]
    assert scores(spoilt, None)["image"] != scores(problem.train.inputs, None)["image"]


def test_further_metrics_stand_beside_what_decides_and_change_none_of_it() -> None:
    model, problem = rough_model(small_architecture(0), 0), small_problem()
    plain, told = evaluate(model, problem), evaluate(model, problem, metrics="all")
    for name, score in told.items():
        kept = {metric: score.metrics[metric] for metric in plain[name].metrics}
        assert replace(score, metrics=kept) == plain[name]
        assert len(score.metrics) > len(plain[name].metrics)
    assert told == evaluate(model, problem, metrics="all")


def test_only_metrics_that_are_asked_for_are_measured() -> None:
    model, problem = rough_model(small_architecture(0), 0), small_problem()
    plain, told = evaluate(model, problem), evaluate(model, problem, metrics=["coverage", "roc_auc"])
    more = {name: set(told[name].metrics) - set(plain[name].metrics) for name in told}
    assert more == {"digit": {"roc_auc"}, "type": set(), "image": {"coverage"}}
    with pytest.raises(InputError, match="unknown metric 'rocauc'; choose one of: roc_auc"):
        evaluate(model, problem, metrics=["rocauc"])


def test_a_split_is_measured_on_its_own_rows() -> None:
    model, problem = rough_model(small_architecture(0), 0), small_problem()
    first, second = (evaluate(model, problem, split=s, metrics="all") for s in ("validation", "test"))
    for name, metric in (("type", "mae:0"), ("image", "mmd"), ("image", "sliced_wasserstein")):
        assert first[name].metrics[metric] != second[name].metrics[metric]
    assert first["digit"].metrics["roc_auc"] != second["digit"].metrics["roc_auc"]

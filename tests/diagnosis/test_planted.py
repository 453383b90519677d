"""A diagnosis finds what was planted."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
import torch
from tests.variation.samples import rough_model, small_architecture, small_problem

from graftwork.architecture import Architecture, Connection, Network, interface, parameter_shapes
from graftwork.diagnosis import (
    FEATURES,
    RelevanceByPermutation,
    RelevanceByRandomisedWeights,
    diagnose,
    relevance_ranks,
    site_features,
)
from graftwork.errors import InputError, RunError
from graftwork.evaluation import evaluate
from graftwork.model import HeterogeneousModel, build
from graftwork.problem import Problem
from graftwork.runtime import Budget, torch_generator
from graftwork.training import train
from graftwork.variation import Site

REACHED = {("n0", "digit"), ("n0", "type"), ("n0", "image"), ("n2", "digit"), ("n4", "type"), ("n3", "image")}
RELEVANCE = ("relevance_weights", "relevance_permutation")
# n0 informs everything; n1 is read by n2 and n3 through weights that are zero; n4 serves the numbers alone.
PLANTED = Architecture(
    *interface(small_problem()),
    (
        Network("n0", "regressor", 8),
        Network("n1", "regressor", 8),
        Network("n2", "discretizer", 3),
        Network("n3", "decoder", 6, latent=4),
        Network("n4", "regressor", 2),
    ),
    (
        Connection("pixels", "n0"),
        Connection("bias_level", "n1"),
        Connection("pixels", "n1"),
        Connection("n0", "n2"),
        Connection("n1", "n2"),
        Connection("n0", "n3", "stochastic"),
        Connection("n1", "n3", "stochastic"),
        Connection("n0", "n4"),
        Connection("n2", "digit"),
        Connection("n3", "image"),
        Connection("n4", "type"),
    ),
)


def planted_model() -> HeterogeneousModel:
    model = train(build(PLANTED, seed=0), small_problem(), budget=Budget(steps=250), seed=0).model
    with torch.no_grad():
        model.get_parameter("networks.n2.from_n1").zero_()
        model.get_parameter("networks.n3.latent_from_n1").zero_()
    return train(model, small_problem(), budget=Budget(steps=1), seed=0, trainable=frozenset({"n4"})).model


@pytest.fixture(scope="module")
def model() -> HeterogeneousModel:
    return planted_model()


@pytest.fixture(scope="module")
def problem() -> Problem:
    return small_problem()


@pytest.mark.parametrize("metric", RELEVANCE)
def test_a_network_that_nobody_listens_to_is_irrelevant(
    metric: str, model: HeterogeneousModel, problem: Problem
) -> None:
    diagnosis = diagnose(model, problem)
    for output in problem.outputs:
        assert diagnosis.value("n1", metric, output) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("metric", RELEVANCE)
def test_networks_without_which_an_output_is_ruined_rank_top_for_it(
    metric: str, model: HeterogeneousModel, problem: Problem
) -> None:
    table = diagnose(model, problem, repeats=8).table(metric)
    own = {"digit": "n2", "type": "n4", "image": "n3"}
    for output, last in own.items():
        needed = sorted(table, key=lambda name: table[name][output])[-2:]
        assert set(needed) == {"n0", last}, (output, table)
        assert min(table["n0"][output], table[last][output]) > 0.1


def test_the_two_ways_to_measure_relevance_agree_on_the_order(
    model: HeterogeneousModel, problem: Problem
) -> None:
    from scipy.stats import spearmanr

    diagnosis = diagnose(model, problem, repeats=8)
    for output in problem.outputs:
        by_weights, by_permutation = (
            [diagnosis.value(name, metric, output) for name in PLANTED.order] for metric in RELEVANCE
        )
        assert spearmanr(by_weights, by_permutation).statistic > 0.7


def test_permuting_costs_about_what_knowing_nothing_of_the_row_costs(
    model: HeterogeneousModel, problem: Problem
) -> None:
    # A regression whose answer is another row's errs by twice the variance that it explained.
    diagnosis = diagnose(model, problem, metrics=(RelevanceByPermutation(),), repeats=20)
    explained = evaluate(model, problem)["type"].skill
    found = diagnosis.value("n4", "relevance_permutation", "type")
    assert found == pytest.approx(2 * explained, rel=0.35)


@pytest.mark.parametrize("metric", [RelevanceByPermutation(), RelevanceByRandomisedWeights()])
def test_standard_errors_shrink_with_the_root_of_repeats(
    metric: RelevanceByPermutation | RelevanceByRandomisedWeights, model: HeterogeneousModel, problem: Problem
) -> None:
    few, many = (
        [
            finding.error
            for finding in diagnose(model, problem, metrics=(metric,), repeats=repeats, spread=False).findings
            if (finding.component, finding.output) in REACHED
        ]
        for repeats in (6, 54)
    )
    assert len(few) == len(many) == len(REACHED)
    ratio = math.fsum(few) / math.fsum(many)
    assert 3 / 1.8 < ratio < 3 * 1.8


def test_standard_errors_say_how_far_other_seeds_differ(model: HeterogeneousModel, problem: Problem) -> None:
    runs = [
        diagnose(model, problem, metrics=(RelevanceByPermutation(),), repeats=5, seed=seed)
        for seed in range(12)
    ]
    found = torch.tensor([run.value("n0", "relevance_permutation", "digit") for run in runs])
    errors = [f.error for run in runs for f in run.findings if (f.component, f.output) == ("n0", "digit")]
    assert float(found.std()) == pytest.approx(sum(errors) / len(errors), rel=0.6)


def test_the_model_stays_bit_for_bit_as_it_is(problem: Problem) -> None:
    for training in (True, False):
        model = rough_model(small_architecture(0), 0).train(training)
        before, state = {n: v.clone() for n, v in model.state_dict().items()}, torch.get_rng_state()
        diagnose(model, problem, repeats=2)
        assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
        assert all(module.training == training for module in model.modules())
        assert all(p.grad is None and p.requires_grad for p in model.parameters())
        assert torch.equal(torch.get_rng_state(), state)


def test_structure_is_what_the_graph_says(model: HeterogeneousModel, problem: Problem) -> None:
    diagnosis = diagnose(model, problem, repeats=1)
    assert diagnosis.table("reaches")["n0"] == {"digit": 1.0, "type": 1.0, "image": 1.0}
    assert diagnosis.table("reaches")["n4"] == {"digit": 0.0, "type": 1.0, "image": 0.0}
    figures = {
        name: [diagnosis.value(name, metric) for metric in ("exclusive", "depth", "in_degree", "out_degree")]
        for name in PLANTED.order
    }
    assert figures == {
        "n0": [0, 1, 1, 3],
        "n1": [0, 1, 2, 2],
        "n2": [1, 2, 2, 1],
        "n3": [1, 2, 2, 1],
        "n4": [1, 2, 1, 1],
    }
    sizes = {
        name: sum(
            math.prod(shape)
            for parameter, shape in parameter_shapes(PLANTED).items()
            if parameter.startswith(f"networks.{name}.")
        )
        for name in PLANTED.order
    }
    shares = {name: diagnosis.value(name, "parameter_share") for name in PLANTED.order}
    assert shares == pytest.approx({name: size / sum(sizes.values()) for name, size in sizes.items()})


def test_ranks_go_from_0_to_1_in_the_order_of_relevance(problem: Problem) -> None:
    for seed in range(4):
        diagnosis = diagnose(rough_model(small_architecture(seed), seed), problem, repeats=1)
        ranks, table = relevance_ranks(diagnosis), diagnosis.table("relevance_permutation")
        for output in problem.outputs:
            order = sorted(ranks, key=lambda name: ranks[name][output])
            assert all(table[a][output] <= table[b][output] for a, b in pairwise(order))
            assert all(0.0 <= ranks[name][output] <= 1.0 for name in order)
            assert sum(ranks[name][output] for name in order) == pytest.approx(len(order) / 2)


def test_features_of_planted_sites(model: HeterogeneousModel, problem: Problem) -> None:
    diagnosis, scores = diagnose(model, problem), evaluate(model, problem)

    def features(*nodes: str, kind: str = "network") -> dict[str, float]:
        return site_features(PLANTED, diagnosis, scores, Site(kind, nodes))  # type: ignore[arg-type]

    useless, shared, alone = features("n1"), features("n0"), features("n4")
    assert useless["irrelevance"] > 0.5 > shared["irrelevance"]
    assert (alone["exclusive"], shared["exclusive"]) == (1.0, 0.0)
    assert (alone["reaches_regression"], alone["reaches_classification"]) == (1.0, 0.0)
    assert (features("n3")["is_decoder"], alone["is_decoder"]) == (1.0, 0.0)
    assert alone["skill_regression"] == scores["type"].decision_skill
    # A connection is about its target, one towards an output about its source.
    assert features("n0", "n4", kind="connection") == alone
    assert features("n4", "type", kind="connection") == alone
    assert set(features(kind="model")) == {
        "networks",
        *(name for name in FEATURES if name.startswith("skill_")),
    }


def test_bad_arguments_are_refused(problem: Problem) -> None:
    model = rough_model(small_architecture(0), 0)
    with pytest.raises(InputError, match="repeats"):
        diagnose(model, problem, repeats=0)
    with pytest.raises(InputError, match="validation"):
        diagnose(model, problem, split="valid")


@torch.no_grad()
def test_relevance_is_growth_of_the_loss_over_that_of_equal_odds(
    model: HeterogeneousModel, problem: Problem
) -> None:
    rows, output = problem.validation, problem.outputs["digit"]
    order = torch.randperm(rows.rows, generator=torch_generator(0, "n2/0", "permutation"))
    logits = model(rows.inputs)["digit"]
    losses = [float(output.loss(answer, rows.targets["digit"]).mean()) for answer in (logits, logits[order])]
    found = diagnose(model, problem, metrics=(RelevanceByPermutation(),), repeats=1, spread=False)
    expected = (losses[1] - losses[0]) / math.log(3)
    assert found.value("n2", "relevance_permutation", "digit") == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("spread", [True, False])
def test_a_model_whose_answers_are_not_finite_is_refused(problem: Problem, spread: bool) -> None:
    model = rough_model(small_architecture(0), 0)
    next(model.parameters()).data.fill_(math.nan)
    with pytest.raises(RunError, match=r"expected finite answers, but \d+ of \d+ rows are not"):
        diagnose(model, problem, spread=spread)

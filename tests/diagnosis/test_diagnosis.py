"""Metrics of components find planted truth."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest
import torch
from tests.training.problems import ARCHITECTURE, PROBLEM, make_model

from graftwork.architecture import Architecture, Connection, InputNode, Layer, Network, interface
from graftwork.diagnosis import FEATURES, Diagnosis, diagnose, relevance_ranks, site_features
from graftwork.errors import InputError
from graftwork.evaluation import evaluate
from graftwork.model import HeterogeneousModel, build
from graftwork.runtime import Budget
from graftwork.training import train
from graftwork.variation import OPERATORS, Site

RELEVANCE = ("relevance_weights", "relevance_permutation")


@pytest.fixture(scope="module")
def model() -> HeterogeneousModel:
    return train(make_model(), PROBLEM, budget=Budget(steps=300), seed=0).model


@pytest.fixture(scope="module")
def diagnosis(model: HeterogeneousModel) -> Diagnosis:
    return diagnose(model, PROBLEM, repeats=3)


@pytest.mark.parametrize("metric", RELEVANCE)
def test_what_nobody_reads_has_no_relevance(model: HeterogeneousModel, metric: str) -> None:
    deaf = copy.deepcopy(model)
    with torch.no_grad():
        deaf.get_parameter("networks.n3.from_n0").zero_()
    table = diagnose(deaf, PROBLEM, repeats=2).table(metric)
    assert table["n0"]["picture"] == 0.0
    assert table["n0"]["label"] > 0.1
    assert table["n3"]["picture"] > 0.1


@pytest.mark.parametrize("metric", RELEVANCE)
def test_the_only_network_that_serves_an_output_ranks_first_for_it(
    model: HeterogeneousModel, metric: str
) -> None:
    split = copy.deepcopy(model)
    with torch.no_grad():  # n0 gives nothing to anyone: each output hangs by its own networks alone
        for name in ("n1", "n2", "n3"):
            split.get_parameter(f"networks.{name}.from_n0").zero_()
    trained = train(split, PROBLEM, budget=Budget(steps=200), seed=0, trainable=frozenset({"n3", "n4"})).model
    ranks = relevance_ranks(diagnose(trained, PROBLEM, repeats=3), metric)
    assert max(ranks, key=lambda name: ranks[name]["picture"]) in {"n3", "n4"}
    assert ranks["n0"]["picture"] < 1.0


def test_the_head_of_an_output_matters_most_for_it(diagnosis: Diagnosis) -> None:
    table = diagnosis.table("relevance_permutation")
    for name, output in (("n1", "label"), ("n2", "numbers"), ("n4", "picture")):
        assert table[name][output] > 0.2
        assert all(table[name][other] == 0.0 for other in table[name] if other != output)


@pytest.mark.parametrize("metric", RELEVANCE)
def test_relevance_is_exactly_zero_for_outputs_that_are_not_reached(
    diagnosis: Diagnosis, metric: str
) -> None:
    found = 0
    for name, row in diagnosis.table(metric).items():
        reached = ARCHITECTURE.downstream(frozenset({name}))
        for output in row.keys() - reached:
            assert row[output] == 0.0
            found += 1
    assert found


def test_the_module_comes_out_as_it_went_in(model: HeterogeneousModel) -> None:
    model = copy.deepcopy(model)
    model.zero_grad()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    first, second = (diagnose(model, PROBLEM, repeats=2, seed=5) for _ in range(2))
    assert first == second
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())


def test_every_network_has_a_finding_of_every_metric(diagnosis: Diagnosis) -> None:
    for metric in (*RELEVANCE, "reaches"):
        table = diagnosis.table(metric)
        assert table.keys() == ARCHITECTURE.network_names
        assert all(row.keys() == ARCHITECTURE.output_names for row in table.values())
    assert all(finding.error >= 0.0 for finding in diagnosis.findings)
    shares = [diagnosis.value(name, "parameter_share") for name in ARCHITECTURE.network_names]
    assert sum(shares) == pytest.approx(1.0)
    assert {n: diagnosis.value(n, "depth") for n in ("n0", "n1", "n4")} == {"n0": 1.0, "n1": 2.0, "n4": 3.0}
    assert diagnosis.value("n0", "exclusive") == 0.0
    assert diagnosis.value("n1", "exclusive") == 1.0
    with pytest.raises(KeyError):
        diagnosis.value("n0", "beauty")


def test_site_features_are_those_declared(model: HeterogeneousModel, diagnosis: Diagnosis) -> None:
    scores = evaluate(model, PROBLEM)
    for operator in OPERATORS.values():
        for site in operator.sites(ARCHITECTURE):
            features = site_features(ARCHITECTURE, diagnosis, scores, site)
            assert features.keys() <= FEATURES.keys()
            if site.kind != "model":
                assert features.keys() == FEATURES.keys()
            for name, value in features.items():
                if not name.startswith("skill") and name != "networks":
                    assert 0.0 <= value <= 1.0
    to_output = site_features(ARCHITECTURE, diagnosis, scores, Site("connection", ("n4", "picture")))
    assert (to_output["is_decoder"], to_output["exclusive"], to_output["reaches_generation"]) == (
        1.0,
        1.0,
        1.0,
    )
    assert to_output["reaches_classification"] == 0.0
    into = site_features(ARCHITECTURE, diagnosis, scores, Site("connection", ("n0", "n1")))
    assert (into["is_decoder"], into["reaches_classification"]) == (0.0, 1.0)


def test_a_network_without_another_beside_it_is_no_irrelevant_one() -> None:
    lone = _lone()
    report = diagnose(build(lone, seed=0), replace(PROBLEM, outputs={"numbers": PROBLEM.outputs["numbers"]}))
    features = site_features(lone, report, {}, Site("network", ("n0",)))
    assert (features["relevance_rank_regression"], features["irrelevance"]) == (1.0, 0.0)


def _lone() -> Architecture:
    inputs, outputs = interface(PROBLEM)
    assert isinstance(inputs[0], InputNode)
    return Architecture(
        inputs,
        tuple(output for output in outputs if output.name == "numbers"),
        (Network("n0", "regressor", 2, (Layer(8, "tanh"),)),),
        (Connection("x", "n0"), Connection("n0", "numbers")),
    )


def test_a_model_in_float64_is_diagnosed_alike(model: HeterogeneousModel, diagnosis: Diagnosis) -> None:
    double = copy.deepcopy(model).double()
    exact = diagnose(double, PROBLEM.to(torch.float64), repeats=3)
    for came, expected in zip(diagnosis.findings, exact.findings, strict=True):
        assert came.value == pytest.approx(expected.value, rel=1e-3, abs=1e-5), came
    with pytest.raises(InputError, match="float64 for rows of float32"):
        diagnose(double, PROBLEM)


def test_no_repeats_are_refused(model: HeterogeneousModel) -> None:
    with pytest.raises(InputError, match="repeats"):
        diagnose(model, PROBLEM, repeats=0)


def test_no_more_rows_are_read_than_may_be(model: HeterogeneousModel) -> None:
    some = replace(PROBLEM, validation=PROBLEM.validation.first(9))
    assert diagnose(model, PROBLEM, repeats=2, rows=9) == diagnose(model, some, repeats=2)
    assert diagnose(model, PROBLEM, repeats=2, rows=9) != diagnose(model, PROBLEM, repeats=2)
    with pytest.raises(InputError, match="rows must be a whole number of at least 1"):
        diagnose(model, PROBLEM, rows=0)

"""Scores and complexity."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from tests.architecture.samples import WHOLE, architectures
from tests.training.problems import PROBLEM, make_model

from graftwork.architecture import Architecture, Connection, InputNode, Layer, Network, OutputNode
from graftwork.evaluation import complexity, evaluate
from graftwork.model import build


def test_counts_by_hand() -> None:
    architecture = Architecture(
        (InputNode("x", 3),),
        (OutputNode("y", "regression", 2), OutputNode("z", "generation", 5)),
        (
            Network("n0", "regressor", 4, (Layer(6, "relu"),), normalisation="layer"),
            Network("n1", "regressor", 2),
            Network("n2", "decoder", 5, (Layer(7, "relu"),), latent=2),
        ),
        (
            Connection("x", "n0"),
            Connection("n0", "n1"),
            Connection("x", "n1"),
            Connection("n0", "n2", "stochastic"),
            Connection("n1", "y"),
            Connection("n2", "z"),
        ),
    )
    counted = complexity(architecture)
    first = 3 * 6 + 6 * 4
    second = 4 * 2 + 3 * 2
    third = 4 * (2 * 2) + 2 * 7 + 7 * 5
    assert counted.macs == first + second + third
    # Biases of each layer, a scale and a shift of each normalised unit, a gain of each output's source.
    assert counted.parameters == counted.macs + (6 + 4 + 6 + 6) + 2 + (4 + 7 + 5) + 2
    # By way of the decoder: a hidden and an output layer of n0, then its latent, hidden and output layer.
    assert (counted.depth, counted.layers) == (2, 5)
    assert (counted.networks, counted.connections) == (3, 6)


def test_a_path_by_a_condition_meets_no_latent_layer() -> None:
    counted = complexity(WHOLE)
    # pixels -> n0 (2) -> n1 (3) -> latent of n3 (1) -> n3 (2) -> n4 (1)
    assert (counted.depth, counted.layers) == (4, 9)


@given(architectures)
def test_parameters_are_those_of_the_module(architecture: Architecture) -> None:
    model = build(architecture, seed=0)
    assert complexity(architecture).parameters == sum(p.numel() for p in model.parameters())


def test_evaluation_is_deterministic() -> None:
    model = make_model()
    assert evaluate(model, PROBLEM, seed=3) == evaluate(model, PROBLEM, seed=3)
    first, second = evaluate(model, PROBLEM, seed=3), evaluate(model, PROBLEM, seed=4)
    assert {name for name in first if first[name] != second[name]} == {"picture"}


def test_generation_is_judged_by_samples() -> None:
    model = make_model()
    before = evaluate(model, PROBLEM)
    reconstruction = model(PROBLEM.validation.inputs)["picture"]
    with torch.no_grad():  # what encodes has no part in sampling
        model.get_parameter("networks.n4.latent_bias").add_(3.0)
    assert not torch.equal(model(PROBLEM.validation.inputs)["picture"], reconstruction)
    assert evaluate(model, PROBLEM)["picture"] == before["picture"]
    with torch.no_grad():
        model.get_parameter("networks.n4.bias_1").add_(3.0)
    assert evaluate(model, PROBLEM)["picture"].value > before["picture"].value


def test_a_perfect_answer_has_skill_one_and_a_constant_about_none() -> None:
    model = make_model()
    with torch.no_grad():
        for name in ("outputs.numbers.gain_n2", "outputs.label.gain_n1"):
            model.get_parameter(name).zero_()
    assert evaluate(model, PROBLEM)["numbers"].skill == pytest.approx(0.0, abs=0.05)
    assert PROBLEM.score("numbers", PROBLEM.validation.targets["numbers"]).skill == pytest.approx(1.0)

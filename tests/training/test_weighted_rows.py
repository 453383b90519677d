"""What weights are for: wrong rows that do not count, rare classes that do."""

from __future__ import annotations

from typing import Any

import numpy as np

from graftwork.architecture import SearchSpace, random_architecture
from graftwork.evaluation import answers, evaluate
from graftwork.model import build
from graftwork.problem import Classification, Problem
from graftwork.runtime import Budget
from graftwork.training import train

ROWS = 600


def trained_on(labels: Any, *, weights: Any = None, balance: Any = "none") -> tuple[Problem, Any]:
    """A problem of two noisy numbers, and a model of it after 300 steps."""
    problem = Problem.from_arrays(
        "two",
        inputs={"x": inputs()},
        outputs={"kind": (Classification(balance=balance), labels)},
        weights=weights,
    )
    architecture = random_architecture(problem, SearchSpace.modern(min_parameters=1), seed=0)
    return problem, train(build(architecture, seed=0), problem, budget=Budget(steps=300), seed=0).model


def inputs() -> Any:
    return np.random.default_rng(0).normal(size=(ROWS, 2))


def test_rows_that_are_wrong_and_weigh_nothing_do_no_harm() -> None:
    right = (inputs()[:, 0] > 0).astype(int)
    wrong = np.arange(ROWS) % 3 > 0
    labels = np.where(wrong, 1 - right, right)
    problem, model = trained_on(labels, weights=np.where(wrong, 0.0, 1.0))
    assert evaluate(model, problem, split="test")["kind"].value < 0.1
    # Two of three rows say the contrary.
    misled, other = trained_on(labels)
    assert evaluate(other, misled, split="test")["kind"].value > 0.25
    assert evaluate(other, problem, split="test")["kind"].value > 0.9


def test_balanced_classes_find_the_rare_one_more_often() -> None:
    noise = np.random.default_rng(1).normal(size=ROWS)
    labels = (inputs()[:, 0] + noise > 2.1).astype(int)
    assert 0.03 < labels.mean() < 0.12
    found, scores = {}, {}
    for balance in ("none", "balanced"):
        problem, model = trained_on(labels, balance=balance)
        codes = problem.test.targets["kind"]
        told = answers(model, problem.test.inputs, ["kind"])["kind"].argmax(dim=1)
        found[balance] = [float((told[codes == code] == code).float().mean()) for code in (0, 1)]
        scores[balance] = evaluate(model, problem, split="test")["kind"]
    assert found["none"][1] < 0.3
    assert min(found["balanced"]) > 0.5
    # Why decisions read another metric then: by this one, nothing would be learnt.
    trivial = trained_on(labels, balance="balanced")[0].trivial_scores("test")["kind"]
    assert scores["balanced"].metrics["log_loss"] > trivial.metrics["log_loss"]
    assert scores["balanced"].decision_skill > 0.05

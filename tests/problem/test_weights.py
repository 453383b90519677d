"""Rows that count unlike, and classes that count alike."""

from __future__ import annotations

import math
import pickle
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import pytest
import torch
from tests.problem.conftest import arrays

from graftwork.errors import InputError
from graftwork.problem import SPLITS, Classification, Generation, Problem, Regression, TableOptions
from graftwork.problem.energy import Sample
from graftwork.problem.sharing import read_problem, write_problem

ROWS = 120
SPLIT = {"train": np.arange(72), "validation": np.arange(72, 96), "test": np.arange(96, 120)}


def whole_weights(seed: int = 1) -> np.ndarray[Any, Any]:
    """0, 1, 2 or 3 of each row."""
    return np.random.default_rng(seed).integers(0, 4, ROWS)


def weighted(weights: object, **changes: Any) -> Problem:
    return Problem.from_split("mixed", **{**arrays(rows=ROWS), **changes}, rows=SPLIT, weights=weights)


def repeated(times: Sequence[int] | np.ndarray[Any, Any]) -> Problem:
    """The same rows, each as often as told."""
    given = arrays(rows=ROWS)
    order = np.repeat(np.arange(ROWS), times)
    inputs = {name: values[order] for name, values in given["inputs"].items()}
    outputs = {name: (kind, values[order]) for name, (kind, values) in given["outputs"].items()}
    rows = {name: np.flatnonzero(np.isin(order, numbers)) for name, numbers in SPLIT.items()}
    return Problem.from_split("mixed", inputs=inputs, outputs=outputs, rows=rows)


def test_a_weight_of_two_is_a_row_twice_in_what_is_fitted_and_in_scores() -> None:
    times = whole_weights()
    one, other = weighted(times), repeated(times)
    assert one.outputs["species"].frequencies == pytest.approx(other.outputs["species"].frequencies)  # type: ignore[attr-defined]
    for name in ("amount", "sample"):
        first, second = (problem.outputs[name].standardiser for problem in (one, other))  # type: ignore[attr-defined]
        np.testing.assert_allclose(first.centre, second.centre, rtol=1e-6)
        np.testing.assert_allclose(first.scale, second.scale, rtol=1e-6)
    first, second = (problem.outputs["sample"].whitening.projection for problem in (one, other))  # type: ignore[attr-defined]
    torch.testing.assert_close(first @ first.T, second @ second.T, rtol=1e-3, atol=1e-4)
    for split in ("validation", "test"):
        order = np.repeat(np.arange(len(SPLIT[split])), times[SPLIT[split]])
        for name in ("species", "amount"):
            answers = torch.randn(len(SPLIT[split]), 2, generator=torch.Generator().manual_seed(0))
            came = one.score(name, answers, split)
            expected = other.score(name, answers[torch.from_numpy(order)], split)
            assert came.metrics == pytest.approx(expected.metrics, rel=1e-5)
            assert came.skill == pytest.approx(expected.skill, rel=1e-5)


def test_a_row_of_weight_zero_changes_nothing_of_outputs_and_scores() -> None:
    weights = np.where(np.arange(ROWS) % 3, 2.5, 0.0)
    spoilt = arrays(rows=ROWS)
    kind, labels = spoilt["outputs"]["species"]
    spoilt["outputs"]["species"] = (kind, np.where(weights > 0, labels, "dog"))
    for name in ("amount", "sample"):
        kind, values = spoilt["outputs"][name]
        values = values.copy()
        values[weights == 0] += 50.0
        spoilt["outputs"][name] = (kind, values)
    one, other = weighted(weights), weighted(weights, outputs=spoilt["outputs"])
    assert one.fingerprint != other.fingerprint
    generator = torch.Generator().manual_seed(0)
    for name, output in one.outputs.items():
        assert output == other.outputs[name]
        assert one.trivial_scores("test")[name] == other.trivial_scores("test")[name]
        answers = torch.randn(24, output.width, generator=generator)
        assert one.score(name, answers, "test") == other.score(name, answers, "test")
    even, mean = (
        problem.score("amount", torch.zeros(24, 2), "test").value
        for problem in (weighted(np.ones(ROWS)), one)
    )
    assert even != pytest.approx(mean, rel=1e-3)


def test_equal_weights_are_no_weights() -> None:
    one, other = weighted(np.full(ROWS, 7)), weighted(None)
    for name, output in one.outputs.items():
        answers = torch.randn(24, output.width, generator=torch.Generator().manual_seed(0))
        came, expected = (problem.score(name, answers, "test").metrics for problem in (one, other))
        assert came == pytest.approx(expected, rel=1e-5)
    baseline = [problem.trivial_scores("test")["sample"].value for problem in (one, other)]
    # The marginals of weighted rows are other draws of the same.
    assert baseline[0] == pytest.approx(baseline[1], rel=0.2)


def test_the_trivial_sample_has_each_value_as_often_as_its_weight_says() -> None:
    weights = np.where(np.arange(ROWS) == 5, 60.0, 1.0)
    output = weighted(weights).outputs["sample"]
    draws = output.trivial(4000, np.random.default_rng(0))[:, 0]
    heavy = output.encode(arrays(rows=ROWS)["outputs"]["sample"][1][5:6])[0, 0]
    assert float((draws == heavy).float().mean()) == pytest.approx(60 / 131, abs=0.03)


def test_the_energy_distance_of_weighted_rows_is_the_mean_over_weighted_pairs() -> None:
    random = np.random.default_rng(0)
    fake, real, weights = random.normal(size=(7, 3)), random.normal(1, 1, (5, 3)), random.random(5) + 0.1
    apart = np.linalg.norm(fake[:, None] - real, axis=2).mean(0) @ weights / weights.sum()
    alone = [np.linalg.norm(rows[:, None] - rows, axis=2) for rows in (fake, real)]
    off = 1 - np.eye(5)
    within = (weights @ (alone[1] * off) @ weights) / (weights @ off @ weights)
    expected = (2 * apart - alone[0].sum() / 42 - within) / math.sqrt(3)
    blocks = [torch.from_numpy(rows) for rows in (fake, real)]
    (came,) = Sample([blocks[0]]).distances(Sample([blocks[1]], torch.from_numpy(weights)))
    (back,) = Sample([blocks[1]], torch.from_numpy(weights)).distances(Sample([blocks[0]]))
    assert came == pytest.approx(expected)
    assert back == pytest.approx(expected)


def test_a_generated_sample_is_held_against_weighted_rows() -> None:
    problem = weighted(whole_weights())
    output, held = problem.outputs["sample"], problem.test
    assert isinstance(output, Generation)
    assert output.whitening is not None
    assert held.weights is not None
    fake = torch.randn(30, output.width, generator=torch.Generator().manual_seed(0))
    samples = [Sample(output.whitening.blocks(rows)) for rows in (fake, held.targets["sample"])]
    rows = held.weights > 0
    real = Sample(output.whitening.blocks(held.targets["sample"][rows]), held.weights[rows])
    came = problem.score("sample", fake, "test").value
    assert came == pytest.approx(fmean(samples[0].distances(real)))
    assert came != pytest.approx(fmean(samples[0].distances(samples[1])), rel=0.01)


@pytest.mark.parametrize(
    ("weights", "culprit"),
    [
        (np.where(np.arange(ROWS) == 4, -1.0, 1.0), r"weights: row 4 is -1.0; expected a finite number"),
        (np.where(np.arange(ROWS) == 4, np.nan, 1.0), "weights: row 4 is nan"),
        (np.where(np.arange(ROWS) == 4, np.inf, 1.0), "weights: row 4 is inf"),
        ([None, *[1.0] * (ROWS - 1)], "weights: row 0 is nan"),
        (["a"] * ROWS, "weights: expected numbers"),
        (np.ones(ROWS - 1), f"expected one number for each of {ROWS} rows, came shape"),
        (np.ones((ROWS, 2)), "expected one number for each of"),
        (2.0, "weights: expected an array"),
        (np.where(np.arange(ROWS) < 72, 0.0, 1.0), "weights: every training row has weight 0"),
        (np.where(np.arange(ROWS) < 96, 1.0, 0.0), "split 'test': .* whose weight is not 0"),
        (np.where(np.arange(ROWS) == 80, 1e300, 1e-300), "too large beside those of training rows"),
    ],
)
def test_weights_that_are_none_are_refused(weights: object, culprit: str) -> None:
    with pytest.raises(InputError, match=culprit):
        weighted(weights)


def test_weights_of_any_size_count_by_their_ratios() -> None:
    weights = whole_weights() + 1.0
    for factor in (1e307, 1e-300):
        for split in SPLITS:
            came = weighted(weights * factor).split(split).weights
            assert came is not None
            torch.testing.assert_close(came, weighted(weights).split(split).weights)


def test_weights_are_part_of_what_a_problem_is_and_travel_with_it(tmp_path: Path) -> None:
    weights = whole_weights() + 0.5
    problem = weighted(weights)
    assert problem.fingerprint == weighted(weights * 4).fingerprint
    assert len({problem.fingerprint, weighted(weights[::-1]).fingerprint, weighted(None).fingerprint}) == 3
    held_out = np.where(np.arange(ROWS) == 100, weights + 1, weights)  # of which nothing is fitted
    assert weighted(held_out).outputs == problem.outputs
    assert weighted(held_out).fingerprint != problem.fingerprint
    write_problem(problem, tmp_path)
    for other in (pickle.loads(pickle.dumps(problem)), read_problem(tmp_path)):
        assert other.fingerprint == problem.fingerprint
        assert other.trivial_scores() == problem.trivial_scores()
    double = problem.to(torch.float64)
    assert double.train.weights is not None
    assert double.train.weights.dtype == torch.float64
    assert double.trivial_scores() == problem.trivial_scores()


def test_the_first_rows_are_those_of_some_weight() -> None:
    split = weighted(whole_weights()).validation
    assert split.weights is not None
    first = split.first(5)
    rows = split.weights.nonzero()[:5, 0]
    assert rows.tolist() != [0, 1, 2, 3, 4]
    assert torch.equal(first.inputs["x"], split.inputs["x"][rows])
    assert torch.equal(first.targets["amount"], split.targets["amount"][rows])
    assert first.weights is not None
    assert bool((first.weights > 0).all())


def frame() -> dict[str, list[Any]]:
    random = np.random.default_rng(0)
    return {
        "size": random.normal(size=60).tolist(),
        "kind": [("a", "b", "b")[row % 3] for row in range(60)],
        "sure": [row % 4 + 1 for row in range(60)],
    }


def test_a_column_of_weights_is_no_input_and_is_not_generated() -> None:
    outputs = {"kind": Classification()}
    problem = Problem.from_frame(frame(), outputs, weights="sure")
    assert problem.table is not None
    assert problem.table.inputs == ("size",)
    assert "sure" not in problem.table.kinds
    assert problem.train.weights is not None
    assert problem.train.weights.mean() == pytest.approx(1)
    assert len(problem.train.weights.unique()) == 4
    assert set(problem.encode_frame({"size": [1.0]})) == set(problem.inputs)
    plain = Problem.from_frame(frame(), outputs, leave_out=["sure"])
    assert plain.fingerprint != problem.fingerprint
    for name in SPLITS:
        assert torch.equal(plain.split(name).inputs["numbers"], problem.split(name).inputs["numbers"])


@pytest.mark.parametrize(
    ("cell", "options", "culprit"),
    [
        (None, {}, "row 7, column 'sure' is missing, as a weight"),
        (-2, {}, "row 7, column 'sure' is -2.0, as a weight"),
        (math.inf, {}, "row 7, column 'sure' is inf"),
        ("much", {}, "row 7, column 'sure' is 'much'"),
        (1, {"weights": "sur"}, "unknown column 'sur'; choose one of: sure"),
        (
            1,
            {"inputs": ["size", "sure"]},
            "is among the inputs, and is also left out, the group or the weights",
        ),
        (1, {"leave_out": ["sure"]}, "holds the weights of rows, and is also"),
        (1, {"group": "sure"}, "holds the weights of rows, and is also"),
        (1, {"outputs": {"sure": Regression()}}, "holds the weights of rows, and is also"),
    ],
)
def test_a_column_that_holds_no_weights_is_refused(
    cell: object, options: dict[str, Any], culprit: str
) -> None:
    given = frame()
    given["sure"][7] = cell
    outputs = options.pop("outputs", {"kind": Classification()})
    with pytest.raises(InputError, match=culprit):
        Problem.from_options("t", given, outputs, TableOptions(**{"weights": "sure", **options}))


def rare(balance: Any = "balanced", weights: object = None) -> Problem:
    """One row in ten is of the rare class."""
    labels = np.where(np.arange(200) % 10 == 0, "rare", "usual")
    outputs = {"kind": (Classification(balance=balance), labels)}
    return Problem.from_arrays("rare", inputs={"x": np.arange(200.0)}, outputs=outputs, weights=weights)


def test_the_weight_of_a_class_is_that_of_scikit_learn() -> None:
    from sklearn.utils.class_weight import compute_class_weight

    problem = rare()
    output, codes = problem.outputs["kind"], problem.train.targets["kind"].numpy()
    assert isinstance(output, Classification)
    expected = compute_class_weight("balanced", classes=np.arange(2), y=codes)
    assert output.class_weights == pytest.approx(expected.tolist())
    assert rare("none").outputs["kind"].class_weights == (1.0, 1.0)  # type: ignore[attr-defined]


def test_a_class_that_no_training_row_holds_weighs_like_the_rarest() -> None:
    output = Classification(3, balance="balanced").fitted(np.array([0, 0, 0, 1]))
    assert output.class_weights == pytest.approx((2 / 3, 2.0, 2.0))


def test_weights_of_rows_are_in_those_of_classes() -> None:
    labels = np.array([0, 0, 0, 1])
    output = Classification(balance="balanced").fitted(labels, np.array([1.0, 1.0, 1.0, 9.0]))
    assert output.frequencies == (0.25, 0.75)
    assert output.class_weights == (2.0, 2 / 3)


def test_decisions_on_balanced_classes_read_the_mean_over_classes() -> None:
    problem, plain = rare(), rare("none")
    codes = problem.test.targets["kind"]
    logits = torch.randn(len(codes), 2, generator=torch.Generator().manual_seed(0))
    score, other = problem.score("kind", logits, "test"), plain.score("kind", logits, "test")
    each = torch.nn.functional.cross_entropy(logits.double(), codes, reduction="none")
    expected = float(torch.stack([each[codes == code].mean() for code in (0, 1)]).mean())
    assert score.decision == "balanced_log_loss"
    assert score.decision_value == pytest.approx(expected)
    assert score.decision_skill == pytest.approx(1 - expected / math.log(2))
    assert {name: score.metrics[name] for name in other.metrics} == other.metrics
    assert (score.value, score.skill) == (other.value, other.skill)
    assert problem.trivial_scores("test")["kind"].decision_value == pytest.approx(math.log(2))


def test_balance_is_part_of_what_a_problem_is() -> None:
    assert rare().fingerprint != rare("none").fingerprint
    assert pickle.loads(pickle.dumps(rare())).outputs["kind"].balance == "balanced"
    with pytest.raises(InputError, match="balance: expected one of none, balanced; came 'even'"):
        Classification(balance="even")  # type: ignore[arg-type]

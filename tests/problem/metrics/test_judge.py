"""What a judge that has learnt real images says of generated ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm
from tests.problem.metrics.planted import SEEDS, figures, samples
from threadpoolctl import threadpool_limits
from torch import Tensor

from graftwork.problem import (
    METRICS,
    Classification,
    Generation,
    Output,
    Problem,
    Regression,
    further_metrics,
    load_problem,
)
from graftwork.problem.metrics import judge
from graftwork.problem.metrics.judge import JUDGE, frechet_distance

NAMES = frozenset(metric.name for metric in JUDGE)


Outputs = dict[str, tuple[Output, object]]


def squares(*, classes: int = 2, shape: tuple[int, ...] = (1, 3, 3), rows: int = 300) -> Outputs:
    """Images whose brightest pixel is their class."""
    random = np.random.default_rng(0)
    codes = random.integers(classes, size=rows)
    images = 0.3 * random.normal(size=(rows, 9))
    images[np.arange(rows), codes] += 3
    return {"bright": (Classification(), codes), "picture": (Generation(), images.reshape(rows, *shape))}


def asked(outputs: Outputs) -> Problem:
    rows = len(np.asarray(next(iter(outputs.values()))[1]))
    return Problem.from_arrays("squares", inputs={"x": np.arange(float(rows))}, outputs=outputs)


def measured(problem: Problem, sample: Tensor) -> dict[str, float]:
    return further_metrics(problem, "picture", sample, "test", NAMES)


@pytest.mark.parametrize("seed", SEEDS)
def test_it_is_right_about_real_digits_and_sees_their_classes(seed: int) -> None:
    found = figures(seed)
    assert found["real"]["judge_accuracy"] > 0.9
    assert found["real"]["judge_score"] > found["blurred"]["judge_score"] > found["noise"]["judge_score"]
    # It counts the classes of five images, and does not see that they are five.
    assert found["collapsed"]["judge_score"] > found["very blurred"]["judge_score"]
    assert found["real"]["judge_sure"] > found["blurred"]["judge_sure"]


@pytest.mark.parametrize("classes", [2, 4])
def test_as_many_classes_are_seen_as_there_are(classes: int) -> None:
    problem = asked(squares(classes=classes))
    target, codes = problem.test.targets["picture"], problem.test.targets["bright"]
    whole = measured(problem, target)
    shares = codes.bincount() / len(codes)
    assert whole["judge_score"] == pytest.approx(float((-shares * shares.log()).sum().exp()), rel=0.1)
    assert whole["judge_accuracy"] > 0.95
    assert whole["judge_sure"] > 0.9
    one = measured(problem, target[codes == 0])
    assert one["judge_score"] == pytest.approx(1, abs=0.1)
    assert one["judge_frechet"] > 10 * max(whole["judge_frechet"], 0.01)


def test_only_images_with_a_classification_have_a_judge() -> None:
    outputs = squares()
    for shape, told in (((9,), False), ((3, 3), True), ((1, 3, 3), True)):
        problem = asked(squares(shape=shape))
        assert bool(measured(problem, problem.test.targets["picture"])) == told
    alone = asked({"picture": outputs["picture"], "n": (Regression(), np.arange(300.0))})
    assert measured(alone, alone.test.targets["picture"]) == {}
    few = asked(squares(rows=60))
    assert measured(few, few.test.targets["picture"]) == {}


def test_it_learns_from_training_rows_that_have_both() -> None:
    outputs = squares()
    (_, codes), (_, images) = outputs["bright"], outputs["picture"]
    wrong = np.random.default_rng(1).random(300) < 0.5
    codes, images = np.array(codes), np.array(images)
    # Rows that would teach the contrary lack the one or the other.
    masked = np.where(wrong, -1, codes)
    problem = asked({"bright": (Classification(), masked), "picture": (Generation(), images)})
    assert measured(problem, problem.test.targets["picture"])["judge_accuracy"] > 0.95
    images[wrong] = np.nan
    codes[wrong] = 1 - codes[wrong]
    problem = asked({"bright": (Classification(), codes), "picture": (Generation(), images)})
    sample = problem.test.targets["picture"]
    assert measured(problem, sample[~sample.isnan().any(dim=1)])["judge_accuracy"] > 0.95


def test_test_rows_teach_it_nothing() -> None:
    problem = asked(squares())
    sample = problem.train.targets["picture"][:50].clone()
    known = measured(problem, sample)
    test = replace(problem.test, targets={name: rows.flip(0) for name, rows in problem.test.targets.items()})
    other = replace(problem, test=test, train=replace(problem.train))
    assert measured(other, sample)["judge_score"] == known["judge_score"]


def test_it_is_the_same_on_any_number_of_threads() -> None:
    before, found, sample = torch.get_num_threads(), [], samples(0)["noisy"]
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            problem = load_problem("digits")
            fresh = replace(problem, train=replace(problem.train))
            with threadpool_limits(threads):
                found.append(further_metrics(fresh, "sample", sample, "test", frozenset(METRICS)))
    finally:
        torch.set_num_threads(before)
    assert found[0] == found[1]


def test_it_is_trained_once_for_the_same_training_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    problem, fitted = asked(squares()), []
    fit = judge._fit
    monkeypatch.setattr(judge, "_fit", lambda *told: fitted.append(1) or fit(*told))
    for split in ("test", "validation", "test"):
        further_metrics(problem, "picture", problem.split(split).targets["picture"], split, NAMES)
    assert fitted == [1]


def test_the_distance_is_what_its_definition_says() -> None:
    random = np.random.default_rng(0)
    real, made = random.normal(size=(50, 4)), random.normal(size=(60, 4)) @ random.normal(size=(4, 4)) + 1
    first, second = np.cov(real.T), np.cov(made.T)
    apart = np.square(real.mean(axis=0) - made.mean(axis=0)).sum()
    expected = apart + np.trace(first + second - 2 * sqrtm(first @ second).real)
    found = frechet_distance(torch.from_numpy(real), torch.from_numpy(made))
    assert found == pytest.approx(expected / np.trace(first))
    assert frechet_distance(torch.from_numpy(real), torch.from_numpy(real)) == pytest.approx(0, abs=1e-6)

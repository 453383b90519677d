"""The energy distance orders samples of known quality as they deserve."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from graftwork.errors import InputError
from graftwork.problem import Generation, Problem, energy_distance, load_problem


@given(st.integers(0, 10_000))
def test_the_distance_is_what_its_definition_says(seed: int) -> None:
    random = np.random.default_rng(seed)
    first, second = random.normal(size=(5, 3)), random.normal(size=(4, 3)) + 1

    def mean(left: np.ndarray, right: np.ndarray, pairs: int) -> float:
        return sum(float(np.linalg.norm(a - b)) for a in left for b in right) / pairs

    expected = 2 * mean(first, second, 20) - mean(first, first, 20) - mean(second, second, 12)
    found = energy_distance(torch.from_numpy(first), torch.from_numpy(second))
    assert found == pytest.approx(expected / 3**0.5, abs=1e-9)


def test_the_distance_is_unbiased() -> None:
    random = np.random.default_rng(0)
    draws = [
        energy_distance(*(torch.from_numpy(random.normal(size=(20, 4))) for _ in range(2)))
        for _ in range(400)
    ]
    assert abs(np.mean(draws)) < 4 * np.std(draws) / 20


_HAZE = (0.05, 0.1, 0.15, 0.2, 0.3)


def _planted(problem: Problem, seed: int) -> dict[str, float]:
    """Errors on validation rows of samples made from training rows."""
    output = problem.outputs["sample"]
    assert isinstance(output, Generation)
    random = np.random.default_rng(seed)
    train = output.decode(problem.train.targets["sample"][:6000])
    real = train[random.permutation(len(train))[:600]]
    mean = np.repeat(train.mean(axis=0)[None], 600, axis=0)
    # Of what a blur takes away, the same share of an image: 1.5 pixels of 28 are 0.5 of 8.
    blur = 0.5 * real.shape[-1] / 8
    samples = {
        "real": real,
        "noisy": real + random.normal(scale=0.1, size=real.shape),
        "blurred": gaussian_filter(real, (0, 0, blur, blur)),
        "marginals": output.decode(output.trivial(600, random)),
        "mean": mean,
        "few": np.repeat(real[:5], 120, axis=0),
        "noise": random.uniform(size=real.shape),
    }
    samples |= {f"mean + {size}": mean + random.normal(scale=size, size=mean.shape) for size in _HAZE}
    target = problem.validation.targets["sample"]
    return {
        name: output.errors(output.encode(rows), target)["energy_distance"] for name, rows in samples.items()
    }


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", ["digits", "fashion-mnist"])
def test_planted_samples_come_in_the_right_order(name: str, seed: int) -> None:
    try:
        problem = load_problem(name)
    except InputError as error:
        pytest.skip(str(error))
    errors = _planted(problem, seed)
    assert min(errors, key=lambda sample: errors[sample]) == "real"
    assert abs(errors["real"]) < 0.004 < errors["noisy"]
    ladder = [
        ("noisy", "blurred"),
        ("blurred", "marginals"),
        ("blurred", "mean"),
        ("blurred", "few"),
        ("few", "mean"),
        ("mean", "noise"),
        *(("blurred", f"mean + {size}") for size in _HAZE),
        *((f"mean + {size}", "noise") for size in _HAZE),
    ]
    for better, worse in ladder:
        assert errors[worse] > 1.2 * errors[better], (better, worse)


@pytest.mark.parametrize("row", range(0, 1000, 100))
def test_one_digit_repeated_is_better_than_noise_and_worse_than_the_mean(row: int) -> None:
    problem = load_problem("digits")
    output, train = problem.outputs["sample"], problem.train.targets["sample"]
    target = problem.validation.targets["sample"]
    noise = output.encode(np.random.default_rng(0).uniform(size=(600, 1, 8, 8)))
    samples = {"mean": train.mean(dim=0).expand(600, -1), "one": train[row].expand(600, -1), "noise": noise}
    errors = {name: output.errors(rows, target)["energy_distance"] for name, rows in samples.items()}
    assert errors["mean"] < errors["one"] < errors["noise"]


@pytest.mark.parametrize("size", _HAZE)
def test_the_mean_digit_in_noise_of_any_size_is_worse_than_the_baseline(size: float) -> None:
    """Over all axes at once, noise of 0.1 about the mean has a skill of 0.98."""
    problem = load_problem("digits")
    output = problem.outputs["sample"]
    mean = output.decode(problem.train.targets["sample"].mean(dim=0, keepdim=True))
    sample = mean + np.random.default_rng(0).normal(scale=size, size=(600, 1, 8, 8))
    assert problem.score("sample", output.encode(sample)).skill < -0.3


@pytest.mark.parametrize("seed", range(4))
def test_the_metric_sees_how_features_depend_on_each_other(seed: int) -> None:
    random = np.random.default_rng(seed)
    rows = np.repeat(random.normal(size=(1500, 1)), 2, axis=1) + 0.3 * random.normal(size=(1500, 2))
    output = Generation().fitted(rows[:500])
    shuffled = np.stack([random.permutation(column) for column in rows[500:1000].T], axis=1)
    target = output.encode(rows[1000:])
    apart = output.errors(output.encode(shuffled), target)["energy_distance"]
    alike = output.errors(output.encode(rows[500:1000]), target)["energy_distance"]
    assert apart > 0.1
    assert abs(alike) < 0.01


def test_keeping_covariances_brings_a_sample_of_digits_near_to_real_rows() -> None:
    problem = load_problem("digits")
    train = problem.train.targets["sample"].double()
    variances, axes = torch.linalg.eigh(torch.cov(train.T))
    draws = torch.from_numpy(np.random.default_rng(0).normal(size=(1000, 64)))
    gaussian = train.mean(dim=0) + (draws * variances.clamp(min=0).sqrt()) @ axes.T
    assert problem.score("sample", gaussian.float()).skill > 0.95
    some = (draws[:, -16:] * variances[-16:].sqrt()) @ axes[:, -16:].T + train.mean(dim=0)
    assert -0.1 < problem.score("sample", some.float()).skill < 0.3


def test_other_real_rows_have_nearly_full_skill_on_digits() -> None:
    problem = load_problem("digits")
    assert problem.score("sample", problem.train.targets["sample"]).skill == pytest.approx(1, abs=0.02)


def test_the_baseline_keeps_marginals_and_loses_what_binds_them() -> None:
    z = np.random.default_rng(0).normal(size=(2000, 1))
    rows = np.concatenate([z, z], axis=1)
    drawn = Generation().fitted(rows).trivial(5000, np.random.default_rng(1))
    assert drawn.mean(dim=0).tolist() == pytest.approx([0, 0], abs=0.06)
    assert drawn.std(dim=0).tolist() == pytest.approx([1, 1], abs=0.06)
    assert abs(float(torch.corrcoef(drawn.T)[0, 1])) < 0.06


def test_the_baseline_error_is_stable_between_draws() -> None:
    problem = load_problem("digits")
    output, target = problem.outputs["sample"], problem.validation.targets["sample"]
    error = problem.trivial_scores()["sample"].value
    others = [
        output.errors(output.trivial(1000, np.random.default_rng(seed)), target)["energy_distance"]
        for seed in range(4)
    ]
    assert np.mean(others) == pytest.approx(error, rel=0.1)


def test_many_rows_are_judged_by_a_subset_that_is_always_the_same() -> None:
    rows = np.random.default_rng(0).normal(size=(3000, 2))
    output = Generation().fitted(rows)
    encoded = output.encode(rows)
    assert output.errors(encoded, encoded[:10]) == output.errors(encoded, encoded[:10])
    assert output.errors(encoded, encoded[:10]) != output.errors(encoded[:1000], encoded[:10])

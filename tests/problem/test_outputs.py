"""Losses, errors and missing targets of every kind of output."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from graftwork.problem import Classification, Generation, Output, Problem, Regression

_GAPS = {
    "integers": (Classification(), np.arange(60) % 3, -1),
    "strings": (Classification(), np.array(["a", "b", "c"] * 20, dtype=object), None),
    "floats": (Classification(), np.array([0.0, 1.0, 2.0] * 20), np.nan),
    "numbers": (Regression(), np.random.default_rng(0).normal(size=(60, 2)), np.nan),
    "arrays": (Generation(), np.random.default_rng(1).normal(size=(60, 2, 2)), np.nan),
}


def _with_gap(kind: str) -> tuple[Output, torch.Tensor]:
    declared, target, missing = _GAPS[kind]
    target = target.copy()
    target[::4] = missing
    output = declared.fitted(target)
    return output, output.encode(target)


@pytest.mark.parametrize("kind", _GAPS)
def test_missing_targets_cost_nothing_and_teach_nothing(kind: str) -> None:
    output, target = _with_gap(kind)
    present = output.present(target)
    assert present.tolist() == [row % 4 != 0 for row in range(60)]
    prediction = torch.randn(60, output.width, generator=torch.Generator().manual_seed(0), requires_grad=True)
    losses = output.loss(prediction, target)
    assert losses.shape == (60,)
    assert torch.equal(losses[~present], torch.zeros(15))
    assert torch.equal(losses[present], output.loss(prediction[present], target[present]))
    (gradient,) = torch.autograd.grad(losses.sum(), prediction)
    assert gradient.isfinite().all()
    assert not gradient[~present].any()
    assert gradient[present].any(dim=1).all()


@pytest.mark.parametrize("kind", _GAPS)
def test_missing_targets_do_not_count_in_errors(kind: str) -> None:
    output, target = _with_gap(kind)
    present = output.present(target)
    prediction = torch.randn(60, output.width, generator=torch.Generator().manual_seed(1))
    answered = prediction if output.kind == "generation" else prediction[present]
    assert output.errors(prediction, target) == output.errors(answered, target[present])
    assert all(math.isfinite(error) for error in output.baseline(target).values())


@pytest.mark.parametrize("kind", _GAPS)
def test_missing_targets_do_not_count_in_what_is_fitted(kind: str) -> None:
    declared, target, missing = _GAPS[kind]
    gap = target.copy()
    gap[::4] = missing
    kept = np.arange(60) % 4 != 0
    bare = gap[kept].astype(int) if kind == "floats" else gap[kept]
    assert declared.fitted(gap) == declared.fitted(bare)


def test_rows_whose_sums_overflow_are_not_missing() -> None:
    output = Regression().fitted(np.eye(2))
    rows = [[3e38, 3e38], [math.inf, -math.inf], [math.nan, 1.0], [1.0, 2.0]]
    assert output.present(torch.tensor(rows)).tolist() == [True, True, False, True]


def test_a_partly_missing_vector_is_missing() -> None:
    output = Regression().fitted(np.eye(4))
    assert output.present(output.encode(np.array([[0.0, np.nan, 0.0, 0.0], [0.0] * 4]))).tolist() == [
        False,
        True,
    ]


def test_losses_of_trivial_answers_are_of_one_size(mixed: Problem) -> None:
    for name, expected in (("amount", 1.0), ("sample", 1.0), ("species", math.log(2))):
        output, target = mixed.outputs[name], mixed.train.targets[name]
        loss = output.loss(torch.zeros(len(target), output.width), target).mean()
        assert loss.item() == pytest.approx(expected, rel=1e-4)


@given(st.lists(st.floats(-(2.0**100), 2.0**100, width=32), min_size=3, max_size=3), st.integers(0, 2))
def test_the_log_loss_is_finite_for_any_finite_logits(logits: list[float], code: int) -> None:
    output = Classification(classes=3).fitted(np.array([0, 1, 2]))
    errors = output.errors(torch.tensor([logits]), torch.tensor([code]))
    assert 0 <= errors["log_loss"] <= 16
    assert errors["error_rate"] in (0, 1)


def test_classification_baselines_are_the_frequencies_and_the_majority() -> None:
    output = Classification(classes=4).fitted(np.array([2, 2, 2, 0]))
    assert list(output.frequencies) == [0.25, 0, 0.75, 0]
    codes = output.encode(np.array([2, 2, 0, 3]))
    baseline = output.baseline(codes)
    assert baseline["error_rate"] == 0.5
    assert baseline["log_loss"] == pytest.approx(
        -(2 * math.log(0.75) + math.log(0.25) + math.log(np.finfo(np.float32).eps)) / 4, rel=1e-4
    )


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (np.array([7, -3, 7]), (-3, 7)),
        (np.array([True, False, True]), (False, True)),
        (np.array(["b", "a", "b"]), ("a", "b")),
        (np.array([5, None, 3], dtype=object), (3, 5)),
        (np.array([[1], [0], [1]]), (0, 1)),
        (np.array([1, 0, 1], dtype=np.uint8), (0, 1)),
    ],
)
def test_labels_come_back_as_they_were_given(labels: Any, expected: tuple[Any, ...]) -> None:
    output = Classification().fitted(labels)
    assert output.labels == expected
    codes = output.encode(labels)
    present = output.present(codes)
    decoded = output.decode(torch.nn.functional.one_hot(codes[present], output.width).float())
    assert decoded.tolist() == labels[present.numpy()].reshape(-1).tolist()


def test_the_default_beta_falls_with_the_width_and_a_declared_one_stays() -> None:
    target = np.random.default_rng(0).normal(size=(10, 8))
    assert Generation().fitted(target).beta == pytest.approx(0.25 / 8)
    assert Generation(beta=0.0).fitted(target).beta == 0


def test_images_keep_the_proportions_of_their_pixels_and_vectors_do_not() -> None:
    rows = np.random.default_rng(0).normal(size=(50, 2)) * [1.0, 100.0]
    assert Generation().fitted(rows).encode(rows).square().mean(dim=0).tolist() == pytest.approx([1, 1])
    image = rows.reshape(50, 1, 1, 2)
    dim, bright = Generation().fitted(image).encode(image).square().mean(dim=0).tolist()
    assert bright > 1000 * dim
    assert dim + bright == pytest.approx(2)


def _unequal() -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.random.default_rng(0).normal(size=(200, 3)) * [1.0, 3.0, 10.0] + 7


def test_a_shared_scale_centres_each_column_and_keeps_their_proportions() -> None:
    encoded = Regression(scale="shared").fitted(_unequal()).encode(_unequal())
    assert encoded.mean(dim=0).abs().max() < 1e-5
    assert encoded.square().mean().item() == pytest.approx(1, abs=1e-5)
    deviations = _unequal().std(axis=0)
    assert (encoded.std(dim=0) / encoded[:, 0].std()).tolist() == pytest.approx(
        deviations / deviations[0], rel=1e-4
    )


def test_with_a_shared_scale_skill_is_that_of_the_error_in_the_user_s_unit() -> None:
    rows = _unequal()
    train, held = rows[:120], rows[120:]
    guess = held + np.random.default_rng(1).normal(size=held.shape) * [0.1, 2.0, 1.0]
    skill = {}
    for output in (Regression(scale="shared").fitted(train), Regression().fitted(train)):
        target = output.encode(held)
        error = output.errors(output.encode(guess), target)["mse"]
        skill[output.scale] = 1 - error / output.baseline(target)["mse"]
    expected = 1 - np.square(guess - held).mean() / np.square(train.mean(axis=0) - held).mean()
    assert skill["shared"] == pytest.approx(expected, abs=1e-5)
    assert skill["column"] < skill["shared"] - 0.05


def test_a_shared_scale_decodes_to_the_user_s_unit() -> None:
    output = Regression(scale="shared").fitted(_unequal())
    np.testing.assert_allclose(output.decode(output.encode(_unequal())), _unequal(), atol=1e-4)

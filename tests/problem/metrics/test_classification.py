"""Metrics of classifications, against their definitions and planted cases."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from graftwork.problem import Classification
from graftwork.problem.metrics.classification import classification_metrics

ALL = frozenset({"balanced_accuracy", "roc_auc"})


def fitted(classes: int) -> Classification:
    return Classification().fitted(np.arange(classes))


def measured(logits: Tensor, codes: Tensor) -> dict[str, float]:
    return classification_metrics(fitted(logits.shape[1]), logits, codes, ALL)


def test_who_always_names_the_frequent_class_has_no_balanced_accuracy() -> None:
    codes = torch.tensor([0] * 95 + [1] * 5)
    logits = torch.tensor([[3.0, -3.0]]).repeat(100, 1)
    assert fitted(2).errors(logits, codes)["error_rate"] == pytest.approx(0.05)
    assert measured(logits, codes) == {"balanced_accuracy": 0.5, "roc_auc": 0.5}


def test_each_class_counts_alike() -> None:
    codes = torch.tensor([0] * 8 + [1] * 2 + [2] * 2)
    answers = torch.tensor([0] * 8 + [1, 0] + [0, 0])
    logits = torch.nn.functional.one_hot(answers, 3).float()
    assert measured(logits, codes)["balanced_accuracy"] == pytest.approx((1 + 1 / 2 + 0) / 3)


def test_of_two_classes_the_area_is_that_of_the_second() -> None:
    codes = torch.tensor([0, 0, 1, 1])
    second = torch.tensor([-2.0, -1.0, 1.0, 2.0])
    rising, falling = (torch.stack([torch.zeros(4), sign * second], dim=1) for sign in (1, -1))
    assert measured(rising, codes)["roc_auc"] == 1.0
    assert measured(falling, codes)["roc_auc"] == 0.0


@given(st.integers(0, 999), st.integers(2, 5))
def test_the_area_is_the_chance_of_the_right_order(seed: int, classes: int) -> None:
    random = np.random.default_rng(seed)
    codes = np.append(random.integers(classes, size=20), [0, 1])
    logits = random.integers(-2, 3, size=(22, classes)).astype(np.float64)
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    areas = []
    for each in [1] if classes == 2 else np.unique(codes):
        own, other = shares[codes == each, each], shares[codes != each, each]
        gaps = np.round(own[:, None] - other[None], 12)
        areas.append(((gaps > 0) + 0.5 * (gaps == 0)).mean())
    found = measured(torch.from_numpy(logits), torch.from_numpy(codes))["roc_auc"]
    # Log-odds of equal probabilities may differ in their last bits, and half a pair is 1 / (2 * 100).
    assert found == pytest.approx(np.mean(areas), abs=0.05)


def test_a_class_that_the_split_lacks_counts_nowhere() -> None:
    codes = torch.tensor([0, 0, 1, 1])
    logits = torch.tensor([[2.0, 0.0, 5.0], [3.0, 0.0, 1.0], [0.0, 2.0, 1.0], [0.0, 3.0, 1.0]])
    assert measured(logits, codes) == {"balanced_accuracy": 0.75, "roc_auc": 0.875}


def test_confident_probabilities_still_have_an_order() -> None:
    codes = torch.tensor([0, 0, 1, 1])
    logits = torch.stack([torch.zeros(4), torch.tensor([50.0, 60.0, 70.0, 80.0])], dim=1)
    assert float(logits.double().softmax(dim=1)[:, 1].min()) == 1.0
    assert measured(logits, codes)["roc_auc"] == 1.0


def test_rows_without_a_class_count_nowhere() -> None:
    random = torch.Generator().manual_seed(0)
    logits, codes = torch.randn(40, 3, generator=random), torch.arange(40) % 3
    masked = torch.cat([codes, torch.full((10,), -1)])
    wild = torch.cat([logits, 100 * torch.randn(10, 3, generator=random)])
    assert measured(wild, masked) == measured(logits, codes)


def test_of_one_class_there_is_no_area_and_of_no_row_nothing() -> None:
    logits = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    assert measured(logits, torch.tensor([1, 1])) == {"balanced_accuracy": 0.5}
    assert measured(logits, torch.tensor([-1, -1])) == {}

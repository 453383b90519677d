"""What is held, by whom and by how many units, where the answer is known beforehand."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import graftwork as gw
from graftwork.diagnosis import (
    Diagnosis,
)

DRAW = torch.Generator().manual_seed(0)


class Parts(nn.Module):
    """Hands each of its inputs through a part of its own; the only output is the mean of all."""

    def __init__(self, names: list[str]) -> None:
        super().__init__()
        self.parts = nn.ModuleDict({name: nn.Identity() for name in names})

    def forward(self, given: dict[str, Tensor]) -> Tensor:
        """One number a row."""
        read = [self.parts[name](values).mean(dim=1) for name, values in given.items()]
        return torch.stack(read).mean(dim=0)


def parts_read(given: dict[str, Tensor], metric: str, target: Tensor | None = None, **more: Any) -> Diagnosis:
    """A metric of parts whose activations are what is given."""
    count = len(next(iter(given.values())))
    asked = torch.zeros(count) if target is None else target
    kind: Any = gw.Classification() if not asked.is_floating_point() else gw.Regression()
    if kind.kind == "classification" or asked.dim() > 1:
        kind = _nothing
    return gw.diagnose(
        Parts(list(given)),
        [(given, asked)],
        components=[f"parts.{name}" for name in given],
        outputs={"y": kind},
        metrics=[metric],
        **more,
    )


def _nothing(prediction: Tensor, target: Tensor) -> Tensor:
    """A loss that says nothing."""
    return prediction * 0.0


def noise(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=DRAW)


def test_cka_of_a_rotated_and_scaled_copy_is_one_and_of_noise_about_zero() -> None:
    a = noise(200, 30)
    rotation, _ = torch.linalg.qr(noise(30, 30))
    found = parts_read({"a": a, "copy": 3 * a @ rotation + 5, "other": noise(200, 30)}, "cka")
    assert found.value("parts.a", "cka", "parts.copy") == pytest.approx(1.0, abs=1e-4)
    # The biased figure of so many units on so few rows would be 0.35.
    assert abs(found.value("parts.a", "cka", "parts.other")) < 0.05
    assert found.value("parts.copy", "redundancy") == pytest.approx(1.0, abs=1e-4)
    assert abs(found.value("parts.other", "redundancy")) < 0.05
    ((pair, other),) = found.redundant_pairs()
    assert {pair.component, other} == {"parts.a", "parts.copy"}


def test_cka_is_the_formula_of_song_et_al() -> None:
    a, b = noise(15, 4), noise(15, 3)
    b[:, 0] = a[:, 0]

    def hsic(x: Tensor, y: Tensor) -> float:
        k, one = [(v @ v.T).double().fill_diagonal_(0.0) for v in (x, y)], torch.ones(15).double()
        n = 15
        first = float((k[0] * k[1]).sum())
        second = float((one @ k[0] @ one) * (one @ k[1] @ one)) / ((n - 1) * (n - 2))
        third = float(one @ k[0] @ k[1] @ one) * 2 / (n - 2)
        return (first + second - third) / (n * (n - 3))

    expected = hsic(a, b) / (hsic(a, a) * hsic(b, b)) ** 0.5
    assert parts_read({"a": a, "b": b}, "cka").value("parts.a", "cka", "parts.b") == pytest.approx(
        expected, rel=1e-4
    )


def test_what_does_not_vary_is_like_nothing() -> None:
    found = parts_read({"a": noise(50, 3), "flat": torch.full((50, 3), 7.0)}, "cka")
    assert found.value("parts.a", "cka", "parts.flat") == 0.0
    assert found.value("parts.flat", "redundancy") == 0.0


def test_effective_rank_counts_directions() -> None:
    found = parts_read(
        {
            "one": noise(400, 1) @ noise(1, 10),
            "all": torch.linalg.qr(noise(400, 10))[0] * 4,
            "none": torch.ones(400, 10),
        },
        "effective_rank",
    )
    expected = {"one": 1.0, "all": 10.0, "none": 0.0}
    for name, value in expected.items():
        assert found.value(f"parts.{name}", "effective_rank") == pytest.approx(value, abs=0.1)
        assert found.value(f"parts.{name}", "rank_share") == pytest.approx(value / 10, abs=0.01)
        errors = [found.finding(f"parts.{name}", which).error for which in ("effective_rank", "rank_share")]
        assert errors[1] == pytest.approx(errors[0] / 10)


def test_effective_rank_is_the_entropy_of_singular_values() -> None:
    axes, _ = torch.linalg.qr(noise(192, 2) - noise(192, 2).mean(dim=0))
    axes, _ = torch.linalg.qr(axes - axes.mean(dim=0))
    found = parts_read({"a": axes * torch.tensor([3.0, 1.0])}, "effective_rank")
    expected = math.exp(-(0.75 * math.log(0.75) + 0.25 * math.log(0.25)))
    assert found.value("parts.a", "effective_rank") == pytest.approx(expected, abs=1e-3)


def test_dead_and_saturated_units_are_counted() -> None:
    values = noise(300, 8)
    values[:, :2] = 0.3
    values[:, 2:5] = torch.sign(values[:, 2:5])
    values[0, 5] = 1e4  # nearly all rows at one end of the range
    found = parts_read({"a": values}, "dead_units")
    assert found.value("parts.a", "dead_units") == 2 / 8
    assert found.value("parts.a", "saturated_units") == 4 / 8


def test_a_unit_is_saturated_within_a_hundredth_of_its_range() -> None:
    ends = torch.tensor([0.0, 1.0]).repeat(50)
    values = torch.stack([ends, ends, ends], dim=1)
    values[10:20, 0], values[10:20, 1] = 0.009, 0.011
    values[10:14, 2] = 0.5  # of 96 rows, four between the ends are too few to count
    found = parts_read({"a": values[:96]}, "saturated_units")
    assert found.value("parts.a", "saturated_units") == pytest.approx(2 / 3)


def test_the_skill_of_a_probe_is_that_of_ridge_regression_on_held_out_folds() -> None:
    a = noise(60, 3)
    target = a[:, 0] + noise(60)
    finding = parts_read({"a": a}, "probe_skill", target).finding("parts.a", "probe_skill", "y")
    _, sizes, axes = torch.linalg.svd(a - a.mean(dim=0), full_matrices=False)
    scores = (a - a.mean(dim=0)) @ axes.T / (sizes[0] / 60**0.5)
    lost, base = torch.zeros(60), torch.zeros(60)
    for fold in torch.arange(60).split(12):
        others = torch.ones(60, dtype=torch.bool)
        others[fold] = False
        mean = scores[others].mean(dim=0)
        centred, fitted = scores[others] - mean, target[others]
        ridge = centred.T @ centred + 0.01 * 48 * torch.eye(3)
        weights = torch.linalg.solve(ridge, centred.T @ (fitted - fitted.mean()))
        lost[fold] = (target[fold] - fitted.mean() - (scores[fold] - mean) @ weights).square()
        base[fold] = (target[fold] - fitted.mean()).square()
    ratio = float(lost.sum() / base.sum())
    error = float((lost - ratio * base).std()) * 60**0.5 / float(base.sum())
    assert (finding.value, finding.error) == pytest.approx((1 - ratio, error), rel=1e-3)


def test_a_probe_reads_what_is_linear_and_nothing_else() -> None:
    a = noise(400, 6)
    target = a[:, :1] * 2 - a[:, 1:2] + 3
    given = {"line": a, "noise": noise(400, 6), "square": a.abs()}
    found = parts_read(given, "probe_skill", target[:, 0])
    assert found.value("parts.line", "probe_skill", "y") > 0.99
    assert found.value("parts.noise", "probe_skill", "y") < 0.05
    classes = (a[:, 0] > 0).long()
    of_classes = parts_read(given, "probe_skill", classes)
    assert of_classes.value("parts.line", "probe_skill", "y") > 0.5
    assert of_classes.value("parts.noise", "probe_skill", "y") < 0.05


def test_mutual_information_is_that_of_gaussians_and_of_classes() -> None:
    a = noise(2000, 1)
    for correlation in (0.0, 0.6, 0.9):
        b = correlation * a + math.sqrt(1 - correlation**2) * noise(2000, 1)
        found = parts_read({"a": a}, "mutual_information", b[:, 0], rows=2000)
        expected = -0.5 * math.log(1 - correlation**2)
        finding = found.finding("parts.a", "mutual_information", "y")
        assert finding.value == pytest.approx(expected, abs=0.15)
    classes = torch.arange(2000) % 4
    apart = classes[:, None] * 10.0 + noise(2000, 1)
    found = parts_read({"apart": apart, "noise": a}, "mutual_information", classes, rows=2000)
    assert found.value("parts.apart", "mutual_information", "y") == pytest.approx(math.log(4), abs=0.05)
    assert found.value("parts.noise", "mutual_information", "y") == pytest.approx(0.0, abs=0.15)


def test_a_probe_reads_a_target_wherever_its_mean_is() -> None:
    a = noise(200, 6)
    target = a[:, 0] + noise(200)
    near, far = (parts_read({"a": a}, "probe_skill", target + mean) for mean in (0.0, 100.0))
    skills = [found.value("parts.a", "probe_skill", "y") for found in (near, far)]
    assert skills[1] == pytest.approx(skills[0], abs=1e-3)


def test_mutual_information_is_that_of_scikit_learn() -> None:
    from sklearn.feature_selection import mutual_info_classif, mutual_info_regression

    a = noise(96, 1)
    number, code = a[:, 0] + noise(96), (a[:, 0] + noise(96) > 0).long()
    for target, reference in ((number, mutual_info_regression), (code, mutual_info_classif)):
        found = parts_read({"a": a}, "mutual_information", target)
        expected = reference(a.numpy(), target.numpy(), n_neighbors=5, random_state=0)[0]
        assert found.value("parts.a", "mutual_information", "y") == pytest.approx(expected, abs=1e-3)


def test_information_finds_what_no_line_reads() -> None:
    a = noise(400, 2)
    target = (a[:, 0] * a[:, 1] > 0).long()
    assert parts_read({"a": a}, "probe_skill", target).value("parts.a", "probe_skill", "y") < 0.05
    assert (
        parts_read({"a": a}, "mutual_information", target).value("parts.a", "mutual_information", "y") > 0.3
    )

"""What disturbing a part costs, where the answer is known beforehand."""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import graftwork as gw
from graftwork.diagnosis import (
    METRICS,
    CaptumAttributions,
    ModuleSubject,
    Plan,
    RelevanceByPermutation,
    Subject,
    subject_of,
)
from graftwork.errors import InputError, MissingExtraError


class Twins(nn.Module):
    """Two parts of equal weight, and one that weighs three times as much."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.large = nn.Identity(), nn.Identity(), nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """One number a row."""
        return self.first(x[:, :1]) + self.second(x[:, 1:2]) + 3 * self.large(x[:, 2:])


def twin_rows() -> tuple[Tensor, Tensor]:
    """Numbers of variance 1, so that the twins are worth the same, and what the module makes of them."""
    x = torch.randn(200, 3, generator=torch.Generator().manual_seed(4))
    x = x / x.std(dim=0, correction=0)
    return x, x[:, 0] + x[:, 1] + 3 * x[:, 2]


def twins(**plan: Any) -> Subject:
    x, y = twin_rows()
    outputs = {"y": gw.Regression()}
    arguments = {"repeats": 4, "most_repeats": 20, "seed": 0} | plan
    return subject_of(
        Twins(), [(x, y)], components=["first", "second", "large"], outputs=outputs, plan=Plan(**arguments)
    )


def counted_disturbances(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where the components that are disturbed are noted."""
    disturbed, calls = ModuleSubject.disturbed, list[str]()

    def counted(subject: ModuleSubject, name: str, change: Any) -> dict[str, Tensor]:
        calls.append(name)
        return disturbed(subject, name, change)

    monkeypatch.setattr(ModuleSubject, "disturbed", counted)
    return calls


@pytest.mark.parametrize("spread", [True, False])
def test_more_repeats_go_where_two_components_cannot_be_told_apart(
    spread: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = counted_disturbances(monkeypatch)
    found = {f.component: f for f in RelevanceByPermutation().measure(twins(spread=spread, seed=6))}
    passes = 1 if spread else 4
    assert calls.count("large") == passes
    assert calls.count("first") == calls.count("second") > passes
    if not spread:  # spread repeats of another limit read other rows
        fewer = twins(spread=False, seed=6, most_repeats=4)
        few = {f.component: f for f in RelevanceByPermutation().measure(fewer)}
        assert found["large"] == few["large"]
        assert found["first"].error < few["first"].error


def test_a_doubt_too_small_to_matter_costs_no_repeats(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = counted_disturbances(monkeypatch)
    x, y = twin_rows()
    # Beside a target of this size, all three are worth next to nothing.
    target = {"y": gw.Target(loss=lambda made, _: (made[:, 0] - y[: len(made)]).square() + 1e4)}
    subject = subject_of(
        Twins(),
        [(x, y)],
        components=["first", "second", "large"],
        outputs=target,
        plan=Plan(4, 20, 0),
    )
    RelevanceByPermutation().measure(subject)
    assert {name: calls.count(name) for name in calls} == {"first": 4, "second": 4, "large": 4}


def test_spread_repeats_say_the_same_within_their_errors() -> None:
    whole, spread = (
        {
            f.component: f
            for f in RelevanceByPermutation().measure(twins(spread=spread, repeats=5, most_repeats=5))
        }
        for spread in (False, True)
    )
    for name, finding in whole.items():
        assert abs(finding.value - spread[name].value) < 3 * math.hypot(finding.error, spread[name].error)


def test_errors_of_spread_repeats_say_how_far_other_seeds_differ() -> None:
    found = [
        next(
            f
            for f in RelevanceByPermutation().measure(
                twins(spread=True, repeats=5, most_repeats=5, seed=seed)
            )
            if f.component == "large"
        )
        for seed in range(30)
    ]
    # They hold the choice of rows too, which other seeds share: they may be too large, not too small.
    ratio = float(np.std([f.value for f in found])) / float(np.mean([f.error for f in found]))
    assert 0.3 < ratio < 1.3


def test_repeats_of_which_no_target_is_known_say_nothing() -> None:
    x, y = twin_rows()
    y[:72] = math.nan  # those of three repeats of five
    subject = subject_of(
        Twins(),
        [(x, y)],
        components=["first", "second", "large"],
        outputs={"y": gw.Regression()},
        plan=Plan(5, 5, 0, spread=True),
    )
    found = {f.component: f for f in RelevanceByPermutation().measure(subject)}
    assert found["large"].value > 1.2  # it would be 0.7, were they counted as no loss


def test_mean_ablation_is_what_the_mean_costs() -> None:
    found = {f.component: f for f in METRICS["relevance_mean"].measure(twins())}
    x, y = twin_rows()
    lost = 9 * (x[:, 2] - x[:, 2].mean()).square()
    assert found["large"].value == pytest.approx(float(lost.mean() / y.var(correction=0)), rel=1e-4)
    assert found["large"].error == pytest.approx(float(lost.std() / 200**0.5 / y.var(correction=0)), rel=1e-4)


def test_mean_ablation_is_of_rows_whose_target_is_known() -> None:
    x, y = twin_rows()
    y[::3] = math.nan
    outputs, parts = {"y": gw.Regression()}, ["first", "second", "large"]
    subject = subject_of(Twins(), [(x, y)], components=parts, outputs=outputs, plan=Plan(1, 1, 0))
    found = {f.component: f for f in METRICS["relevance_mean"].measure(subject)}
    known = ~y.isnan()
    lost = 9 * (x[:, 2] - x[:, 2].mean()).square()[known] / y[known].var(correction=0)
    assert found["large"].value == pytest.approx(float(lost.mean()), rel=1e-4)
    assert found["large"].error == pytest.approx(float(lost.std() / len(lost) ** 0.5), rel=1e-4)


def test_without_captum_its_metric_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "captum", None)
    with pytest.raises(MissingExtraError, match=r"graftwork\[captum\]"):
        CaptumAttributions().measure(twins())


def test_integrated_gradients_of_a_linear_part_are_exact() -> None:
    pytest.importorskip("captum")
    found = {f.component: f.value for f in CaptumAttributions().measure(twins())}
    x, y = twin_rows()
    # The loss of each row is 0, and with the part at its mean the square of what it adds.
    lost = 9 * (x[:, 2] - x[:, 2].mean()).square().mean() / y.var(correction=0)
    assert found["large"] == pytest.approx(float(lost), rel=1e-3)


def test_other_attributions_are_refused() -> None:
    with pytest.raises(InputError, match="method: expected one of IntegratedGradients"):
        CaptumAttributions(method="Lime")  # type: ignore[arg-type]

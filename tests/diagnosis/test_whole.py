"""Figures of the whole, of cost, and of statistics."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.diagnosis.modules import KINDS, SharedBottom, rows

import graftwork as gw
from graftwork.diagnosis import (
    WHOLE,
)
from graftwork.diagnosis._statistics import jackknife, mean_and_error, ratio_and_error, row_blocks


def test_figures_of_the_whole_are_those_of_a_known_curve_and_rows() -> None:
    x, targets = rows(200)
    module = SharedBottom().eval()
    curve = [(step, {"kind": 2.0 - 0.01 * step, "size": 1.0}) for step in range(0, 100, 10)]
    found = gw.diagnose(
        module,
        [(x[:100], {name: values[:100] for name, values in targets.items()})],
        components=["trunk"],
        outputs=KINDS,
        metrics=["skill"],
        curve=curve,
        training=[(x[100:], {name: values[100:] for name, values in targets.items()})],
    )
    skills = []
    for part in (slice(0, 100), slice(100, 200)):
        y = targets["size"][part]
        lost = (module(x[part])["size"] - y).square().mean() / y.var(correction=0)
        skills.append(1 - float(lost.detach()))
    lost = (module(x[:100])["size"] - targets["size"][:100]).square().squeeze(1).detach()
    base = (targets["size"][:100] - targets["size"][:100].mean()).square().squeeze(1)
    spread = (lost - (1 - skills[0]) * base).std() / base.mean() / 10
    assert found.finding(WHOLE, "skill", "size").error == pytest.approx(float(spread), rel=1e-3)
    assert found.value(WHOLE, "skill", "size") == pytest.approx(skills[0], rel=1e-3)
    assert found.value(WHOLE, "generalisation_gap", "size") == pytest.approx(skills[1] - skills[0], abs=1e-3)
    assert found.value(WHOLE, "convergence_slope", "size") == pytest.approx(0.0)
    frequencies = torch.bincount(targets["kind"][:100]) / 100
    entropy = -float((frequencies * frequencies.log()).sum())
    assert found.value(WHOLE, "convergence_slope", "kind") == pytest.approx(1.0 / entropy, rel=1e-3)
    gap = abs(found.value(WHOLE, "skill", "size") - found.value(WHOLE, "skill", "kind"))
    assert found.value(WHOLE, "imbalance") == pytest.approx(gap)


def test_cost_is_the_share_of_products() -> None:
    x, targets = rows()
    found = gw.diagnose(
        SharedBottom(),
        [(x, targets)],
        components=["trunk", "branch", "idle"],
        outputs=KINDS,
        metrics=["mac_share"],
    )
    whole = 6 * 8 + 6 * 4 + 6 * 2 + 8 * 3 + 12 * 8 + 8 * 1
    assert found.value("trunk", "mac_share") == pytest.approx(48 / whole)
    assert found.value("branch", "mac_share") == pytest.approx(24 / whole)


def test_the_jackknife_of_a_mean_is_its_standard_error() -> None:
    values = np.random.default_rng(0).normal(size=40)
    value, error = jackknife(lambda chosen: float((chosen * values).sum() / chosen.sum()), 40)
    assert (value, error) == (pytest.approx(values.mean()), pytest.approx(values.std(ddof=1) / 40**0.5))
    assert (value, error) == pytest.approx(mean_and_error(values))


def test_the_error_of_a_ratio_is_that_of_repeated_samples() -> None:
    draw = np.random.default_rng(1)
    found = []
    for _ in range(400):
        below = draw.uniform(1, 3, size=50)
        found.append(ratio_and_error(below * 0.4 + draw.normal(size=50) * 0.3, below))
    ratios, errors = np.array(found).T
    assert ratios.std() == pytest.approx(errors.mean(), rel=0.15)


def test_blocks_hold_every_row_once() -> None:
    for count in (1, 2, 7, 40):
        blocks = row_blocks(count, 4, 3)
        assert [row for block in blocks for row in range(count)[block]] == list(range(count))
        assert all(block.stop - block.start >= min(3, count) for block in blocks)

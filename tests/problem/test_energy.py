"""Energy distances over all axes and over blocks of them."""

from __future__ import annotations

import gc

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from graftwork.problem import Generation, energy_distance
from graftwork.problem.energy import Sample
from graftwork.problem.outputs import generation


def rows(count: int, width: int, seed: int) -> Tensor:
    return torch.randn(count, width, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def plain(first: Tensor, second: Tensor) -> float:
    """The definition, pair by pair."""

    def within(sample: Tensor) -> Tensor:
        return torch.pdist(sample).mean()

    across = (first[:, None] - second[None]).square().sum(dim=2).sqrt().mean()
    return float((2 * across - within(first) - within(second)) / np.sqrt(first.shape[1]))


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.integers(0, 99))
def test_distances_are_those_of_the_whole_and_of_each_block(widths: list[int], seed: int) -> None:
    first, second = rows(30, sum(widths), seed), 0.3 + rows(20, sum(widths), seed + 1)
    ours, theirs = first.split(widths, dim=1), second.split(widths, dim=1)
    views = [(first, second), *zip(ours, theirs, strict=True)] if len(widths) > 1 else [(first, second)]
    found = Sample(ours).distances(Sample(theirs))
    assert found == pytest.approx([plain(*view) for view in views], abs=1e-9)
    assert found == pytest.approx([energy_distance(*view) for view in views], abs=1e-9)


@pytest.mark.parametrize(("count", "other"), [(700, 300), (520, 513), (129, 1000)])
def test_more_rows_than_a_tile_has(count: int, other: int) -> None:
    first, second = rows(count, 6, 0), 0.3 + rows(other, 6, 1)
    found = Sample(first.split([2, 4], dim=1)).distances(Sample(second.split([2, 4], dim=1)))
    views = [(first, second), *zip(first.split([2, 4], dim=1), second.split([2, 4], dim=1), strict=True)]
    assert found == pytest.approx([plain(*view) for view in views], abs=1e-9)


def test_rows_that_count_twice_are_rows_that_come_twice() -> None:
    first, second, weights = rows(600, 3, 0), 0.3 + rows(400, 3, 1), torch.ones(600)
    weights[300:] = 2.0
    found = Sample([first], weights)
    repeated = torch.cat([first, first[300:]])
    across = torch.cdist(repeated, second).mean()
    within = torch.cdist(repeated, repeated).mean() / (1 - float((weights / 900).square().sum()))
    expected = (2 * across - within - torch.pdist(second).mean()) / np.sqrt(3)
    assert found.distances(Sample([second])) == pytest.approx([float(expected)], abs=1e-9)


def test_a_row_repeated_has_no_distance_from_itself() -> None:
    row = 1000.0 + rows(1, 50, 0)
    assert energy_distance(row.repeat(20, 1), row.repeat(30, 1)) == pytest.approx(0.0, abs=1e-4)


def test_no_row_is_apart_from_itself_however_large_its_numbers() -> None:
    gaps = []
    for seed in range(20):
        pair = 1e6 + rows(2, 5, seed)
        other = pair + 100.0
        across = torch.cdist(pair, other, compute_mode="donot_use_mm_for_euclid_dist").mean()
        within = torch.pdist(pair) + torch.pdist(other)
        gaps.append(energy_distance(pair, other) - float((2 * across - within[0]) / np.sqrt(5)))
    assert max(map(abs, gaps)) < 1e-3


def test_held_out_rows_are_prepared_once_and_let_go_with_their_target() -> None:
    output = Generation().fitted(rows(200, 6, 0).numpy())
    target = output.encode(rows(100, 6, 1).numpy())
    before = len(generation._SAMPLES)
    first = output.errors(target + 0.1, target)
    assert len(generation._SAMPLES) == before + 1
    assert output.errors(target + 0.1, target) == first
    assert output.whitening is not None
    prepared = [generation._held_out(target, output.whitening) for _ in range(2)]
    assert prepared[0] is prepared[1]
    del prepared
    assert len(generation._SAMPLES) == before + 1
    del target
    gc.collect()
    assert len(generation._SAMPLES) == before


def test_another_target_is_not_mistaken_for_one_that_is_gone() -> None:
    output = Generation().fitted(rows(200, 6, 0).numpy())
    fake = output.encode(rows(100, 6, 2).numpy())
    for seed in range(5):
        target = output.encode(rows(100, 6, 10 + seed).numpy())
        fresh = Generation().fitted(rows(200, 6, 0).numpy())
        assert output.errors(fake, target) == fresh.errors(fake, target.clone())
        del target

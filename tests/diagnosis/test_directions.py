"""Principal scores are of what varies, and of nothing else."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from graftwork.diagnosis._directions import principal_scores

DRAW = torch.Generator().manual_seed(0)


@given(st.floats(-1e6, 1e6, width=32), st.integers(2, 600), st.integers(1, 6))
def test_equal_rows_have_no_direction_however_their_mean_is_rounded(
    value: float, rows: int, units: int
) -> None:
    assert principal_scores(torch.full((rows, units), value), 4, DRAW).shape == (rows, 0)


@pytest.mark.parametrize("offset", [0.0, 1.0, 50.0])
def test_small_changes_of_large_numbers_are_directions(offset: float) -> None:
    noise = torch.randn(200, 3, generator=torch.Generator().manual_seed(1))
    scores = principal_scores(offset + 1e-2 * noise, 4, DRAW)
    assert scores.shape == (200, 3)
    assert float(scores[:, 0].std(correction=0)) == pytest.approx(1.0, abs=1e-3)

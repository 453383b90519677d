"""Piecewise-linear codes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.errors import InputError
from graftwork.problem import piecewise_linear


@given(st.lists(st.floats(0, 1, width=32), min_size=1, max_size=20), st.integers(1, 16))
def test_codes_fill_up_segment_by_segment_and_lose_nothing(values: list[float], segments: int) -> None:
    codes = piecewise_linear(np.array(values, dtype=np.float32), segments)
    assert codes.dtype == np.float32
    assert codes.shape == (len(values), segments)
    assert codes.min() >= 0
    assert codes.max() <= 1
    assert (np.diff(codes, axis=1) <= 0).all()
    assert (((codes > 0) & (codes < 1)).sum(axis=1) <= 1).all()
    np.testing.assert_allclose(codes.mean(axis=1), values, atol=1e-6)


def test_codes_follow_the_formula_at_and_between_the_edges() -> None:
    values = np.array([0.0, 0.125, 0.3, 1.0], dtype=np.float32)
    expected = [[np.clip((x - k / 8) * 8, 0, 1) for k in range(8)] for x in values]
    np.testing.assert_allclose(piecewise_linear(values, 8), expected, atol=1e-6)


def test_segments_become_channels_before_the_shape() -> None:
    images = np.random.default_rng(0).uniform(size=(5, 2, 3)).astype(np.float32)
    codes = piecewise_linear(images, 4)
    assert codes.shape == (5, 4, 2, 3)
    np.testing.assert_allclose(codes.mean(axis=1), images, atol=1e-6)


def test_numbers_beyond_0_and_1_are_coded_as_these() -> None:
    beyond = piecewise_linear(np.array([-1.0, 2.0], dtype=np.float32), 3)
    assert beyond.tolist() == [[0.0] * 3, [1.0] * 3]


@pytest.mark.parametrize("segments", [0, -2])
def test_no_segments_are_refused(segments: int) -> None:
    with pytest.raises(InputError, match=f"segments: expected one or more, came {segments}"):
        piecewise_linear(np.zeros(1, dtype=np.float32), segments)

"""Labels beside lines do not meet."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from graftwork.report._bands import spread

heights = st.lists(st.floats(-100, 100), max_size=8).map(sorted)


@given(heights, st.floats(0.01, 50))
def test_places_are_a_gap_apart_in_their_order(given_heights: list[float], gap: float) -> None:
    places = spread(given_heights, gap)
    assert all(after - before >= gap - 1e-6 for before, after in pairwise(places))


@given(heights, st.floats(0.01, 50))
def test_heights_far_enough_apart_stay(given_heights: list[float], gap: float) -> None:
    apart = [2 * gap * index + given_heights[0] for index in range(len(given_heights))]
    assert all(abs(a - b) < 1e-6 for a, b in zip(spread(apart, gap), apart, strict=True))

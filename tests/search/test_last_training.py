"""What the last training goes by."""

from __future__ import annotations

from tests.search.samples import score

from graftwork.search.last_training import _short_of_perfect, mean_skill


def test_skills_below_zero_are_told_apart_and_those_above_are_as_their_mean() -> None:
    worse, bad, none = ({"a": score("regression", skill)} for skill in (-10.0, -0.5, 0.0))
    assert mean_skill(worse) == mean_skill(bad)
    assert _short_of_perfect(worse) > _short_of_perfect(bad) > _short_of_perfect(none)
    good = {"a": score("regression", 0.25), "b": score("regression", 0.64)}
    assert _short_of_perfect(good) == 1 - mean_skill(good)

"""A budget is refused unless it limits, and is spent at the first limit reached."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.errors import InputError
from graftwork.runtime import Budget


def test_a_budget_without_limit_is_refused() -> None:
    with pytest.raises(InputError, match="at least one of steps, seconds, evaluations or macs"):
        Budget()


@pytest.mark.parametrize("name", ["steps", "seconds", "evaluations"])
@pytest.mark.parametrize("limit", [0, -1, math.nan, math.inf, -math.inf, True, "10", 1j])
def test_limits_that_are_not_positive_and_finite_are_refused(name: str, limit: object) -> None:
    with pytest.raises(InputError, match=f"{name} must be a positive .*, but it is"):
        Budget(**{name: limit})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["steps", "evaluations"])
def test_counts_must_be_whole(name: str) -> None:
    with pytest.raises(InputError, match=r"whole number, but it is 1\.5"):
        Budget(**{name: 1.5})  # type: ignore[arg-type]


def test_one_bad_limit_beside_a_good_one_is_refused() -> None:
    with pytest.raises(InputError, match="seconds"):
        Budget(steps=10, seconds=0.0)


def test_numpy_counts_are_accepted() -> None:
    assert Budget(steps=int(np.int64(3))) == Budget(steps=np.int64(3))  # type: ignore[arg-type]


amounts = st.none() | st.integers(1, 100)


@given(amounts, amounts, st.integers(1, 100), st.integers(0, 120), st.integers(0, 120), st.integers(0, 120))
def test_spent_at_the_first_limit_reached(
    steps: int | None, seconds: int | None, evaluations: int, a: int, b: int, c: int
) -> None:
    budget = Budget(steps=steps, seconds=seconds, evaluations=evaluations)
    reached = [
        steps is not None and a >= steps,
        seconds is not None and b >= seconds,
        c >= evaluations,
    ]
    assert budget.spent(steps=a, seconds=b, evaluations=c) == any(reached)


def test_nothing_done_spends_nothing() -> None:
    assert not Budget(steps=1, seconds=1e-9, evaluations=1).spent()

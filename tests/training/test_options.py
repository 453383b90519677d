"""What cannot be trained by is refused when it is said."""

from __future__ import annotations

import math
from typing import Any

import pytest

from graftwork.errors import InputError
from graftwork.training import Static, TrainingOptions


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("batch_size", 0),
        ("batch_size", 1.5),
        ("batch_size", True),
        ("check_every", 0),
        ("look_rows", -1),
        ("patience", 0),
        ("learning_rate", 0.0),
        ("learning_rate", math.nan),
        ("learning_rate", math.inf),
        ("tolerance", -0.1),
        ("tolerance", 1.0),
        ("tolerance", math.nan),
        ("converged", "soon"),
        ("engine", "steam"),
        ("balancer", "scaled"),
        ("balancer", Static),
    ],
)
def test_it_is_refused(name: str, value: Any) -> None:
    with pytest.raises(InputError, match=f"^{name}: expected"):
        TrainingOptions(**{name: value})

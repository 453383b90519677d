"""Settings shared by the tests and the examples in docstrings."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from hypothesis import HealthCheck, settings

# What alembic runs, which is no module to be imported.
collect_ignore = ["src/graftwork/store/migrations/env.py"]

settings.register_profile("quick", max_examples=25, deadline=None, derandomize=True)
settings.register_profile(
    "deep", max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("quick")

torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _denormals() -> Iterator[None]:
    """Whoever flushes denormals does so for the whole process, in which Hypothesis then makes no floats."""
    yield
    torch.set_flush_denormal(False)

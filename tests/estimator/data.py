"""Rows whose targets are plain functions of the features."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

ROWS = 160


def features(rows: int = ROWS) -> Any:
    return np.random.default_rng(0).normal(size=(rows, 3))


def sides(X: Any) -> Any:
    return np.where(X[:, 0] > 0, "right", "left")


def sums(X: Any) -> Any:
    """A number far from 0 and 1."""
    return 5_000 + 1_000 * (X[:, 0] - X[:, 1])


def table(rows: int = ROWS) -> pd.DataFrame:
    """Columns of every kind, with gaps."""
    random = np.random.default_rng(1)
    size = random.normal(50, 10, rows)
    return pd.DataFrame(
        {
            "size": np.where(random.random(rows) < 0.1, np.nan, size),
            "town": random.choice(["Aston", "Barrow", None], rows),
            "lift": random.random(rows) < 0.5,
            "built": pd.Timestamp("1990-01-01") + pd.to_timedelta(random.integers(0, 9_000, rows), unit="D"),
        }
    )

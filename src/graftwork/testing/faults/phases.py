"""Where a run stood when it was killed, by what its folder held."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from graftwork.testing.faults.workload import EVALUATIONS

PHASES = (
    "before its folder",
    "making the store",
    "first candidate",
    "searching",
    "writing weights",
    "last training",
    "closing",
)


def phase(folder: Path, keys: Collection[str]) -> str:
    """One of `PHASES`.

    Args:
        folder: Of the run.
        keys: Of its entries.
    """
    if not folder.exists():
        return "before its folder"
    if not (folder / "graftwork.db").exists():
        return "making the store"
    if any(folder.glob("weights/*.tmp")):
        return "writing weights"
    if "best" in keys:
        return "closing"
    if len(keys) == EVALUATIONS:
        return "last training"
    return "searching" if keys else "first candidate"

"""Where a run stood when it was killed, by what its folder held."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from pathlib import Path

from graftwork.testing.faults.driver import Place
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


AIMS = ("making the store", "writing weights", "last training")


def shows(place: Place, aim: str) -> Callable[[], bool]:
    """Whether a run shows that it is in a phase, which is looked at many times a second.

    Args:
        place: Of the run.
        aim: One of `AIMS`.
    """
    folder, log = place.folder, place.log
    looks: dict[str, Callable[[], bool]] = {
        "making the store": lambda: _any(folder, ".graftwork.db.new"),
        "writing weights": lambda: _any(folder / "weights", ".tmp"),
        "last training": lambda: log.exists() and log.read_bytes().count(b"\n") >= EVALUATIONS,
    }
    return looks[aim]


def _any(folder: Path, ending: str) -> bool:
    try:
        return any(name.endswith(ending) for name in os.listdir(folder))
    except FileNotFoundError:
        return False


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
    if len({*keys} - {"interface"}) == EVALUATIONS:
        return "last training"
    return "searching" if keys else "first candidate"

"""Searches of a moment."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")


@pytest.fixture(autouse=True)
def _runs_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs that nobody keeps wait for no disk."""
    if MEMORY.is_dir():
        monkeypatch.setattr(tempfile, "tempdir", str(MEMORY))

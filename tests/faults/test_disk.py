"""Disks that are full or let nothing be written: said clearly, and gone on from when there is room."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.faults.small import searched
from tests.search.runs import essence

from graftwork.errors import InputError
from graftwork.search import SearchResult, load_search
from graftwork.store import Store


def mounted(*arguments: str) -> bool:
    return subprocess.run(["mount", *arguments], capture_output=True).returncode == 0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.name != "posix" or not mounted("-t", "tmpfs", "-o", "size=700k", "tmpfs", str(folder)):
        pytest.skip("needs the right to mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def resize(disk: Path, size: str) -> None:
    assert mounted("-o", f"remount,size={size}", str(disk))


def test_a_search_on_a_full_disk_stops_and_goes_on_when_there_is_room(
    disk: Path, whole: tuple[Path, SearchResult]
) -> None:
    code, message = searched(disk / "run")
    assert code == 1
    assert "RunError: Could not write" in message
    assert "No space left" in message or "disk is full" in message
    with Store.read(disk / "run") as store:
        kept = [entry.key for entry in store.entries()]
    assert kept
    assert not any(path.suffix == ".tmp" for path in (disk / "run" / "weights").iterdir())
    resize(disk, "50m")
    assert searched(disk / "run") == (0, "")
    result = load_search(disk / "run")
    assert essence(result) == essence(whole[1])
    with Store.read(disk / "run") as store:
        assert [entry.key for entry in store.entries()][: len(kept)] == kept


def test_a_disk_without_room_for_a_store_is_refused(disk: Path) -> None:
    resize(disk, "20k")
    with pytest.raises(InputError, match=r"Could not make .*(full|No space)"):
        Store.open(disk / "run", kind="search", spec={})
    resize(disk, "10m")
    Store.open(disk / "run", kind="search", spec={}).close()


def test_what_cannot_be_written_to_is_refused_and_can_be_read(
    disk: Path, whole: tuple[Path, SearchResult]
) -> None:
    resize(disk, "50m")
    assert searched(disk / "run") == (0, "")
    assert mounted("-o", "remount,ro", str(disk))
    try:
        code, message = searched(disk / "run")
        assert code == 1
        assert "InputError: No permission to write to" in message
        assert essence(load_search(disk / "run")) == essence(whole[1])
    finally:
        assert mounted("-o", "remount,rw", str(disk))


def test_a_database_that_lets_nothing_be_written_is_refused(tmp_path: Path) -> None:
    if os.getuid() == 0:
        pytest.skip("root may write to any file; the read-only disk covers it")
    Store.open(tmp_path, kind="search", spec={}).close()
    (tmp_path / "graftwork.db").chmod(0o400)
    with pytest.raises(InputError, match="No permission to write"):
        Store.open(tmp_path, kind="search", spec={})

"""A run in which a row or weights are damaged is not gone on with in silence."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from tests.search.runs import run

from graftwork.errors import InputError
from graftwork.search import SearchResult, load_search
from graftwork.store import Store


@pytest.fixture
def copy(tmp_path: Path, whole: tuple[Path, SearchResult]) -> Path:
    """A copy of a finished search."""
    return shutil.copytree(whole[0], tmp_path / "copy")


def test_a_corrupted_row_is_named_by_writer_and_reader(copy: Path) -> None:
    with sqlite3.connect(copy / "graftwork.db") as connection:
        connection.execute("update candidate set payload = substr(payload, 1, 20) where key = 'candidate/6'")
    connection.close()
    for use in (run, load_search):
        with pytest.raises(InputError, match="'candidate/6' is damaged"):
            use(copy)


def test_half_written_weights_are_named_and_those_without_a_name_are_not_looked_at(copy: Path) -> None:
    (copy / "weights" / f"{'0' * 64}.tmp").write_bytes(b"half")
    load_search(copy)
    with Store.read(copy) as store:
        best = store.get("best")
    assert best is not None
    path = copy / "weights" / f"{best.weights}.safetensors"
    path.write_bytes(path.read_bytes()[:1000])
    for use in (run, load_search):
        with pytest.raises(InputError, match=f"{best.weights}.safetensors is damaged"):
            use(copy)

"""What is collected is what nothing names, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from graftwork.errors import InputError
from graftwork.store import Collected, Store, collect

ORPHAN, HALF = f"{'0' * 64}.safetensors", f"{'a' * 64}.tmp"
FOREIGN = [
    "notes.txt",
    "notes.tmp",
    "model.safetensors",
    f"{'0' * 63}.safetensors",
    f"{'A' * 64}.safetensors",
    f"{'0' * 64}.safetensors.bak",
    f"{'0' * 64}.safetensors\n",
    f".{'0' * 64}.tmp",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run with weights, some of which no entry names, among files that are none of its own."""
    folder = tmp_path / "run"
    with Store.open(folder, kind="study", spec={}) as store:
        for number in range(3):
            store.add(f"c{number}", {}, weights={"w": torch.full((4,), float(number))})
        store.add("none", {})
    for name in FOREIGN:
        (folder / "weights" / name).write_text("mine")
    (folder / ORPHAN).write_text("mine")
    (folder / "weights" / ORPHAN).write_bytes(b"x" * 70)
    (folder / "weights" / HALF).write_bytes(b"x" * 7)
    return folder


def contents(folder: Path) -> dict[Path, bytes]:
    # The sidecars of SQLite come and go with whoever reads.
    files = [path for path in folder.rglob("*") if path.is_file() and "graftwork" not in path.name]
    return {path: path.read_bytes() for path in files}


def test_what_no_entry_names_is_removed_and_nothing_else(folder: Path) -> None:
    before = contents(folder)
    assert collect(folder) == Collected((ORPHAN, HALF), 77)
    removed = {folder / "weights" / ORPHAN, folder / "weights" / HALF}
    assert contents(folder) == {path: data for path, data in before.items() if path not in removed}
    with Store.read(folder) as store:
        for entry in store.entries():
            assert entry.weights is None or store.load_weights(entry.weights)
    assert collect(folder) == Collected((), 0)


def test_a_dry_run_tells_the_same_and_removes_nothing(folder: Path) -> None:
    before = contents(folder)
    assert collect(folder, dry_run=True) == Collected((ORPHAN, HALF), 77)
    assert contents(folder) == before


def test_a_half_written_file_goes_though_its_weights_are_named(folder: Path) -> None:
    with Store.read(folder) as store:
        digest = store.entries()[0].weights
        assert digest is not None
        (folder / "weights" / f"{digest}.tmp").write_bytes(b"half")
        assert f"{digest}.tmp" in collect(folder).files
        assert store.load_weights(digest)


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_run_that_is_being_written_to_is_refused(folder: Path, dry_run: bool) -> None:
    with Store.open(folder, kind="study", spec={}):
        before = contents(folder)
        with pytest.raises(InputError, match="being written to by this process"):
            collect(folder, dry_run=dry_run)
        assert contents(folder) == before
    collect(folder, dry_run=dry_run)


def test_links_and_folders_are_left_alone(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("mine")
    (folder / "weights" / f"{'1' * 64}.safetensors").symlink_to(target)
    (folder / "weights" / f"{'2' * 64}.tmp").symlink_to(tmp_path / "nowhere")
    (folder / "weights" / f"{'3' * 64}.tmp").mkdir()
    assert collect(folder).files == (ORPHAN, HALF)
    assert target.read_text() == "mine"
    assert (folder / "weights" / f"{'1' * 64}.safetensors").is_symlink()
    assert (folder / "weights" / f"{'2' * 64}.tmp").is_symlink()


def test_a_folder_of_weights_that_is_a_link_is_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "weights").rename(tmp_path / "elsewhere")
    (folder / "weights").symlink_to(tmp_path / "elsewhere")
    before = contents(tmp_path)
    with pytest.raises(InputError, match="weights is a symbolic link"):
        collect(folder)
    assert contents(tmp_path) == before


def test_where_no_run_is_nothing_is_made_or_removed(tmp_path: Path) -> None:
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / ORPHAN).write_text("mine")
    with pytest.raises(InputError, match="is not a run folder"):
        collect(tmp_path)
    assert [path.name for path in tmp_path.rglob("*")] == ["weights", ORPHAN]


def test_a_damaged_run_is_refused_and_keeps_its_weights(folder: Path) -> None:
    database = folder / "graftwork.db"
    database.write_bytes(database.read_bytes()[:-4096])
    before = contents(folder)
    with pytest.raises(InputError, match="cannot be read as a run"):
        collect(folder)
    assert contents(folder) == before


def test_a_run_without_weights_has_nothing_to_collect(tmp_path: Path) -> None:
    Store.open(tmp_path, kind="study", spec={}).close()
    assert collect(tmp_path) == Collected((), 0)

"""What workers share: files of numbers, for their owner alone, in which nothing can run."""

from __future__ import annotations

import os
import pickle
import stat
import tempfile
from pathlib import Path

import numpy as np
import pytest
from tests.variation.samples import small_problem

from graftwork.problem import shared_problem
from graftwork.runtime import ProcessExecutor

PREFIX = "graftwork-problem-"


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_the_folder_is_for_its_owner_alone_and_holds_numbers(temporary: Path) -> None:
    with shared_problem(small_problem(), ProcessExecutor(2)):
        (folder,) = temporary.glob(f"{PREFIX}*")
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        names = {path.suffix for path in folder.iterdir()}
        assert names == {".npy", ".json"}
        for path in folder.glob("*.npy"):
            np.load(path, allow_pickle=False)
            with pytest.raises(pickle.UnpicklingError):
                pickle.loads(path.read_bytes())
    assert not list(temporary.iterdir())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")
def test_what_others_put_in_the_way_is_neither_waited_for_nor_followed(temporary: Path) -> None:
    elsewhere = temporary / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").touch()
    os.mkfifo(temporary / f"{PREFIX}pipe")
    (temporary / f"{PREFIX}link").symlink_to(elsewhere)
    (temporary / f"{PREFIX}file").touch()
    left = temporary / f"{PREFIX}left"
    left.mkdir()
    (left / "link").symlink_to(elsewhere)
    with shared_problem(small_problem(), ProcessExecutor(2)):
        pass
    assert not left.exists()
    assert (elsewhere / "precious").exists()
    assert (temporary / f"{PREFIX}link").is_symlink()

"""`graftwork gc`: what it prints, and that the run goes on being one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graftwork.cli._main import run
from graftwork.search import load_search
from graftwork.store import Store

Capture = pytest.CaptureFixture[str]
ORPHAN = f"{'0' * 64}.safetensors"


def test_gc_tells_what_it_removes(run_folder: Path, capsys: Capture) -> None:
    orphan = run_folder / "weights" / ORPHAN
    orphan.write_bytes(b"x" * 70)
    front = load_search(run_folder).front
    assert run(["gc", str(run_folder), "--dry-run"]) == 0
    assert capsys.readouterr().out == f"{ORPHAN}\nWould remove 1 file, 70 bytes\n"
    assert run(["gc", str(run_folder), "--dry-run", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"files": [ORPHAN], "bytes": 70, "removed": False}
    assert orphan.exists()
    assert run(["gc", str(run_folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"files": [ORPHAN], "bytes": 70, "removed": True}
    assert not orphan.exists()
    assert run(["gc", str(run_folder), "--quiet"]) == 0
    assert capsys.readouterr().out == ""
    assert [c.weights for c in load_search(run_folder).front] == [c.weights for c in front]


def test_gc_is_refused_while_the_run_is_written_to_and_where_none_is(tmp_path: Path, capsys: Capture) -> None:
    with Store.open(tmp_path / "run", kind="search", spec={}):
        assert run(["gc", str(tmp_path / "run")]) == 2
    assert "being written to" in capsys.readouterr().err
    assert run(["gc", str(tmp_path / "nowhere")]) == 2
    assert "nowhere" in capsys.readouterr().err

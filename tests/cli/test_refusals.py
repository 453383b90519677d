"""Bad input: exit code 2, one message that names the culprit, no traceback, nothing touched."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.killing import cut_after

from graftwork.cli._main import run

Capture = pytest.CaptureFixture[str]
ROOT = Path(__file__).parents[2]


def contents(folder: Path) -> dict[Path, bytes]:
    # The sidecars of SQLite come and go with whoever reads.
    kept = [
        path for path in folder.rglob("*") if path.is_file() and path.suffix not in {".db-wal", ".db-shm"}
    ]
    return {path: path.read_bytes() for path in kept}


def refused(arguments: list[str], culprit: str, capsys: Capture) -> None:
    assert run(arguments) == 2
    written = capsys.readouterr()
    assert culprit in written.err
    assert "Traceback" not in written.err
    assert "━" not in written.err  # no bar of what never began
    assert written.out == ""


@pytest.mark.parametrize(
    ("arguments", "culprit"),
    [
        ("search nope", "nope"),
        ("search digits --policy gided", "guided"),
        ("search digits --evaluations 0", "evaluations"),
        ("search digits --algorithm zz", "zz"),
        ("search digits --balancer zz", "expected one of static, scaled"),
        ("study digits --balancer zz", "expected one of static, scaled"),
        ("compare digits --policies random --balancer zz", "expected one of static, scaled"),
        ("search digits --seconds nan", "seconds"),
        ("search digits --steps -5", "steps"),
        ("search digits --workers 0", "workers"),
        ("search digits --seed -1", "seed"),
        ("search digits --space zz", "zz"),
        ("search digits --guidelines nowhere.json", "nowhere.json"),
        ("search digit", "digits"),
        ("search", "PROBLEM"),
        ("study nope", "nope"),
        ("study digits --parents 1", "2 parents"),
        ("study digits --trials 0", "trials"),
        ("study digits --parent-steps 0", "parent_steps"),
        ("compare digits --policies random,gided", "guided"),
        ("compare digits --policies ,", "at least one policy"),
        ("compare digits --policies random,random", "differ"),
        ("compare digits --policies random --evaluations 0", "evaluations"),
        ("compare digits --policies random --seeds 0", "seeds"),
        ("compare nope --policies random", "nope"),
    ],
)
def test_what_cannot_be_run_leaves_no_folder(
    arguments: str, culprit: str, tmp_path: Path, capsys: Capture
) -> None:
    refused([*arguments.split(), "--out", str(tmp_path / "out")], culprit, capsys)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("command", ["search digits", "study digits", "compare digits --policies random"])
@pytest.mark.parametrize("place", ["file", "full", "/proc/graftwork"])
def test_where_nothing_can_be_written_nothing_is(
    command: str, place: str, tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine")
    before = contents(tmp_path)
    refused([*command.split(), "--out", str(tmp_path / place), "--quiet"], Path(place).name, capsys)
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    ("command", "culprit"),
    [
        ("search digits --seed 1 --evaluations 3", "seed"),
        ("study digits", "kind"),
        ("compare digits --policies random", "kind"),
    ],
)
def test_another_run_in_the_folder_is_refused(
    command: str, culprit: str, run_folder: Path, capsys: Capture
) -> None:
    before = contents(run_folder)
    refused([*command.split(), "--out", str(run_folder), "--quiet"], culprit, capsys)
    assert contents(run_folder) == before


@pytest.mark.parametrize(
    ("arguments", "culprit"),
    [
        ("guidelines {run}", "search"),
        ("guidelines {nowhere}", "nowhere"),
        ("guidelines {study} {study}", "study 2"),
        ("guidelines {study} --alpha 1.5", "alpha"),
        ("guidelines {cut}", "cut short"),
        ("guidelines {truncated}", "truncated"),
        ("diagnose {study}", "study"),
        ("diagnose {run} --candidate 99", "99"),
        ("diagnose {nowhere}", "nowhere"),
        ("diagnose {run} --metrics relevance_meen", "relevance_mean"),
        ("diagnose {run} --metrics relevance_mean,", "there is no metric"),
        ("diagnose {run} --out {nowhere}/page.html", "page.html"),
        ("advise {run} --guidelines {broken}", "broken"),
        ("advise {run} --guidelines {nowhere}", "nowhere"),
        ("advise {run} --guidelines {broken} --most 0", "most"),
        ("report {nowhere}", "nowhere"),
        ("report {cut}", "cut short"),
        ("report {truncated}", "truncated"),
        ("report {run} --out {nowhere}/page.html", "page.html"),
    ],
)
def test_what_cannot_be_read_is_refused(
    arguments: str, culprit: str, run_folder: Path, study_folder: Path, tmp_path: Path, capsys: Capture
) -> None:
    places = {name: tmp_path / name for name in ("cut", "truncated", "broken", "nowhere")}
    cut_after(3, study_folder, places["cut"])
    shutil.copytree(study_folder, places["truncated"])
    database = places["truncated"] / "graftwork.db"
    database.write_bytes(database.read_bytes()[: database.stat().st_size // 2])
    places["broken"].write_text('{"guidelines": [')
    before = contents(tmp_path)
    refused(arguments.format(run=run_folder, study=study_folder, **places).split(), culprit, capsys)
    assert contents(tmp_path) == before


def test_the_process_ends_with_the_code_and_without_a_traceback(tmp_path: Path) -> None:
    code = "from graftwork.cli import main; main()"
    asked = subprocess.run(
        [sys.executable, "-c", code, "search", "nope", "--out", str(tmp_path / "run")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    assert asked.returncode == 2
    assert asked.stderr.startswith("graftwork: ")
    assert len(asked.stderr.splitlines()) == 1
    assert asked.stdout == ""

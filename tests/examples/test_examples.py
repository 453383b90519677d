"""Every example runs as a reader would run it, only smaller, and writes what it says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"

# Flags of each, what it writes into `--out`, and words that it prints.
SMALL = {
    "search_digits.py": (
        ["--evaluations", "3", "--steps", "4"],
        ["run/graftwork.db", "architecture.json", "weights.safetensors"],
        ["Front: ", "Best: candidate", "The loaded model reads"],
    ),
    "study_and_guidelines.py": (
        ["--parents", "2", "--trials", "1", "--steps", "2"],
        ["study/graftwork.db", "guidelines.json"],
        ["records of 2 parents", "hypotheses survived", "pieces of advice"],
    ),
    "your_own_data.py": (
        ["--steps", "20"],
        ["architecture.svg", "diagnosis.csv"],
        ["cultivar: error_rate", "taste: mse", "phenols: energy_distance", "n0"],
    ),
    "own_table.py": (
        ["--evaluations", "1"],
        ["run/graftwork.db", "generated.csv"],
        ["Inputs: area, lift, built, town", "signed log", "rent: mse", "three new flats", "not there"],
    ),
    "deploy.py": (
        ["--steps", "20"],
        ["model/model.onnx", "model/sampler.onnx", "model/signature.json"],
        ["differ from the model by at most", "three new flats", "not there"],
    ),
    "diagnose_your_model.py": (
        ["--steps", "20"],
        ["shared_bottom.csv", "encoder.csv"],
        ["useful holds what twin holds", "encoder.layers.0 for kind"],
    ),
    "add_an_operator.py": (["--steps", "4"], [], ["parameters inherited", "against the control"]),
}


def _run(name: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, str(EXAMPLES / name), *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_there_is_a_run_for_every_example() -> None:
    assert {path.name for path in EXAMPLES.glob("*.py")} == set(SMALL)


@pytest.mark.parametrize("name", SMALL)
def test_it_runs_and_writes_what_it_says(name: str, tmp_path: Path) -> None:
    flags, files, words = SMALL[name]
    out = ["--out", str(tmp_path / "out")] if files else []
    done = _run(name, *flags, *out, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    assert all((tmp_path / "out" / file).stat().st_size for file in files)
    assert all(word in done.stdout for word in words), done.stdout


def test_ruff_covers_them() -> None:
    ruff = [sys.executable, "-m", "ruff", "check", "--show-files", "."]
    shown = subprocess.run(ruff, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {path.name for path in map(Path, shown.split()) if path.parent.name == "examples"} >= set(SMALL)
    checked = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "examples"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout

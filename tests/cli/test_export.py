"""`graftwork export`: what it prints and leaves behind."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from graftwork.cli._main import run
from graftwork.problem import load_problem
from graftwork.search import load_search, predictions

Capture = pytest.CaptureFixture[str]


def test_the_best_model_becomes_a_file_that_answers_like_it(
    run_folder: Path, tmp_path: Path, capsys: Capture
) -> None:
    out = tmp_path / "new" / "model"
    assert run(["export", str(run_folder), "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["files"] == sorted(os.listdir(out))
    assert (told["problem"], told["format"], told["out"], told["rows"]) == ("digits", "onnx", str(out), 128)
    assert 0 < max(told["differences"].values()) < told["tolerance"] == 1e-4
    problem, model = load_problem("digits"), load_search(run_folder).best.model
    rng = np.random.default_rng(0)
    rows = {name: rng.random((7, *node.shape)) for name, node in problem.inputs.items()}
    session = onnxruntime.InferenceSession(out / "model.onnx")
    feeds = {port.name: rows[port.name] for port in session.get_inputs()}
    digit, histogram = session.run(["digit", "histogram"], feeds)
    expected = predictions(model, problem, rows)
    assert np.allclose(digit, expected[[f"digit={label}" for label in range(10)]], atol=1e-5)
    assert np.allclose(histogram, expected[[f"histogram_{place}" for place in range(16)]], atol=1e-5)


def test_a_candidate_of_the_front_becomes_a_program(
    run_folder: Path, tmp_path: Path, capsys: Capture
) -> None:
    out, number = tmp_path / "model", load_search(run_folder).front[0].number
    asked = ["export", str(run_folder), "--format", "torch", "--candidate", str(number), "--out", str(out)]
    assert run(asked) == 0
    said = capsys.readouterr().out
    assert "digit" in said
    assert "Checked on 128 random rows" in said
    assert "model.pt2, sampler.pt2" in said
    assert run(asked) == 2
    assert "exists already and is not overwritten" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flags", "culprit"),
    [
        (["--format", "pickle"], "format: expected one of onnx, torch, came 'pickle'"),
        (["--candidate", "99"], "candidate 99 is not in the front"),
        (["--out", "."], "exists already"),
    ],
)
def test_what_cannot_be_exported_is_refused(
    flags: list[str],
    culprit: str,
    run_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["export", str(run_folder), "--out", "model", *flags]) == 2
    assert culprit in capsys.readouterr().err
    assert os.listdir() == []


def test_a_missing_extra_is_named(
    run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    assert run(["export", str(run_folder), "--out", str(tmp_path / "model")]) == 1
    assert "pip install 'graftwork[onnx]'" in capsys.readouterr().err


def test_a_file_that_differs_fails_and_leaves_nothing(
    run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr("graftwork.export.export.differences", lambda *_: {"digit": 2e-4})
    asked = ["export", str(run_folder), "--format", "torch", "--out", str(tmp_path / "model")]
    assert run(asked) == 1
    written = capsys.readouterr()
    assert "output 'digit' differs by 0.0002, at most 0.0001 is let pass; nothing was kept" in written.err
    assert not written.out
    assert os.listdir(tmp_path) == []

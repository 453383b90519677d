"""The main job through the command line, as small as it gets, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graftwork.architecture import SearchSpace
from graftwork.cli._main import run
from graftwork.problem import load_problem
from graftwork.runtime import Budget
from graftwork.search import SearchSettings, search

QUICK = SearchSettings(space=SearchSpace.modern(), initial=2, initial_steps=20, steps=10, finish_steps=20)


def test_study_guidelines_and_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study, found = tmp_path / "study", tmp_path / "guidelines.json"
    small = [
        "--parents",
        "2",
        "--trials",
        "1",
        "--parent-steps",
        "20",
        "--trial-steps",
        "10",
        "--workers",
        "1",
    ]
    assert run(["study", "digits", *small, "--out", str(study), "--quiet"]) == 0
    assert run(["guidelines", str(study), "--out", str(found), "--quiet"]) == 0
    assert json.loads(found.read_text())["studies"][0]["problems"] == ["digits"]
    assert run(["report", str(study), "--quiet"]) == 0
    assert "<html" in (study / "report.html").read_text()
    assert run(["guidelines", str(study), "--out", str(found), "--quiet"]) == 2
    assert "not overwritten" in capsys.readouterr().err


def test_a_search_is_the_same_on_two_workers_and_when_asked_again(tmp_path: Path) -> None:
    problem, budget = load_problem("digits"), Budget(evaluations=4)

    def points(out: str, workers: int) -> list[float]:
        result = search(
            problem, policy="random", budget=budget, workers=workers, out=tmp_path / out, settings=QUICK
        )
        return [milestone.hypervolume for milestone in result.history]

    first = points("one", 1)
    assert points("two", 2) == first
    assert points("one", 1) == first
    assert len(first) == 4


@pytest.mark.parametrize(
    ("arguments", "culprit"),
    [
        (["search", "nope"], "nope"),
        (["search", "digits", "--policy", "gided"], "guided"),
        (["search", "digits", "--evaluations", "0"], "evaluations"),
        (["search", "digits", "--algorithm", "zz"], "zz"),
    ],
)
def test_bad_input_is_refused_before_anything_is_written(
    arguments: list[str], culprit: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*arguments, "--out", str(tmp_path / "run"), "--quiet"]) == 2
    message = capsys.readouterr().err
    assert culprit in message
    assert "Traceback" not in message
    assert not (tmp_path / "run").exists()

"""The demo, as small as it gets: what it leaves behind, and that the seed says all of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from graftwork.cli._console import Voice
from graftwork.cli._main import run
from graftwork.cli.demo import DemoSize, run_demo

TINY = DemoSize(
    parents=2,
    trials=1,
    parent_steps=10,
    trial_steps=5,
    seeds=2,
    evaluations=3,
    search_evaluations=3,
    initial=2,
    search_initial=2,
    finalists=2,
    finish_steps=10,
)
QUIET = Voice(as_json=False, quiet=True)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    out = tmp_path_factory.mktemp("demo") / "first"
    return out, run_demo(QUIET, out, seed=7, workers=1, size=TINY)


def test_the_summary_has_the_promised_form(first: tuple[Path, dict[str, Any]]) -> None:
    out, returned = first
    summary = json.loads((out / "summary.json").read_text())
    assert summary == returned
    assert set(summary) == {
        "problem",
        "seed",
        "study",
        "guidelines",
        "policies",
        "best",
        "baselines",
        "seconds",
    }
    assert (summary["problem"], summary["seed"], summary["study"]["parents"]) == ("digits", 7, 2)
    assert set(summary["policies"]) == {"random", "relevance", "guided"}
    for policy in summary["policies"].values():
        assert len(policy["hypervolume"]) == TINY.seeds
        assert policy["evaluations"] == TINY.seeds * TINY.evaluations
        assert policy["steps"] > 0
    best = summary["best"]
    assert len(best["architecture_hash"]) == 64
    assert best["parameters"] > 0
    assert set(best["test"]) == {"digit", "histogram", "sample"}
    assert all(set(score) >= {"skill", "metric", "value"} for score in best["test"].values())
    assert set(summary["baselines"]) == {"trivial", "single_task", "shared_bottom"}
    assert summary["seconds"] > 0


def test_report_picture_and_guidelines_lie_beside_it(first: tuple[Path, dict[str, Any]]) -> None:
    out, _ = first
    assert "<html" in (out / "report.html").read_text()
    assert (out / "best.svg").read_text().startswith("<svg")
    assert json.loads((out / "guidelines.json").read_text())["studies"][0]["problems"] == ["digits"]


def test_the_same_seed_gives_the_same_summary_on_two_workers(
    first: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    second = run_demo(QUIET, tmp_path / "second", seed=7, workers=2, size=TINY)
    assert {**second, "seconds": 0} == {**first[1], "seconds": 0}


def test_another_seed_gives_another_model(first: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    other = run_demo(QUIET, tmp_path / "other", seed=8, workers=1, size=replace(TINY, seeds=1))
    assert other["best"]["architecture_hash"] != first[1]["best"]["architecture_hash"]


@pytest.mark.parametrize("name", ["report.html", "thesis.txt"])
def test_nothing_is_written_among_what_is_not_of_a_demo(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_text("mine")
    assert run(["demo", "--out", str(tmp_path)]) == 2
    assert name in capsys.readouterr().err
    assert (tmp_path / name).read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == [name]

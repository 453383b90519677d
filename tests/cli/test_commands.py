"""Commands on small runs: what they print for people, and the one JSON value for machines."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import graftwork
from graftwork.cli._main import run
from graftwork.diagnosis import WHOLE
from graftwork.guidelines import Guidelines
from graftwork.search import load_search
from graftwork.study import load_study

Capture = pytest.CaptureFixture[str]


def value(arguments: list[str], capsys: Capture) -> Any:
    """The JSON value of a command, which is all that it writes to standard output."""
    assert run([*arguments, "--json", "--quiet"]) == 0
    written = capsys.readouterr()
    assert written.err == ""
    return json.loads(written.out)


def text(arguments: list[str], capsys: Capture) -> str:
    assert run(arguments) == 0
    return capsys.readouterr().out


def test_diagnose_tells_the_relevance_of_every_network(run_folder: Path, capsys: Capture) -> None:
    best = load_search(run_folder).best
    findings = value(["diagnose", str(run_folder)], capsys)
    assert {f["component"] for f in findings} - {WHOLE} == best.architecture.network_names
    told = {(f["component"], f["output"]): f["value"] for f in findings if f["metric"] == "relevance_weights"}
    shown = text(["diagnose", str(run_folder)], capsys)
    assert all(f"{figure:.3f}" in shown for figure in told.values())
    assert run(["diagnose", str(run_folder), "--quiet"]) == 0
    assert capsys.readouterr().out == ""


def test_diagnose_looks_at_candidates_of_the_front(run_folder: Path, capsys: Capture) -> None:
    candidate = load_search(run_folder).front[0]
    findings = value(["diagnose", str(run_folder), "--candidate", str(candidate.number)], capsys)
    assert {f["component"] for f in findings} - {WHOLE} == candidate.architecture.network_names


def test_diagnose_agrees_with_what_the_search_kept(run_folder: Path, capsys: Capture) -> None:
    kept = load_search(run_folder).best.diagnosis
    findings = value(["diagnose", str(run_folder)], capsys)
    told = {(f["component"], f["metric"], f["output"]): f["value"] for f in findings}
    for finding in kept.findings:
        place = (finding.component, finding.metric, finding.output)
        assert told[place] == pytest.approx(finding.value, rel=1e-4, abs=1e-5), place


def test_diagnose_measures_the_metrics_that_are_named_and_shows_their_figures(
    run_folder: Path, tmp_path: Path, capsys: Capture
) -> None:
    asked = ["diagnose", str(run_folder), "--metrics", "relevance_mean, depth", "--connections"]
    asked += ["--out", str(tmp_path / "page.html")]
    findings = value(asked, capsys)
    assert {"relevance_mean", "depth"} <= {f["metric"] for f in findings}
    assert "relevance_weights" not in {f["metric"] for f in findings}
    assert any(" -> " in f["component"] for f in findings)
    shown = text(asked, capsys)
    assert "held at their mean" in shown
    assert "depth" in shown
    assert "out degree" not in shown


def test_diagnose_shows_what_there_is_of_connections(
    run_folder: Path, tmp_path: Path, capsys: Capture
) -> None:
    out = tmp_path / "page.html"
    shown = text(["diagnose", str(run_folder), "--connections", "--out", str(out)], capsys)
    alone = shown.partition("Each part by itself")[2]
    architecture = load_search(run_folder).best.architecture
    assert all(name in alone for name in architecture.network_names)
    # A narrow table breaks long names.
    assert all(f"│ {c.source} ->" in alone for c in architecture.connections)
    assert out.exists()


def test_diagnose_writes_a_page(run_folder: Path, tmp_path: Path, capsys: Capture) -> None:
    assert "diagnosis.html" in text(["diagnose", str(run_folder)], capsys)
    page = (run_folder / "diagnosis.html").read_text(encoding="utf-8")
    architecture = load_search(run_folder).best.architecture
    assert page.count('role="img"') == len(architecture.outputs)
    assert all(f'data-node="{name}"' in page for name in architecture.network_names)
    out = tmp_path / "page.html"
    assert str(out) in text(["diagnose", str(run_folder), "--out", str(out)], capsys).replace("\n", "")
    assert out.read_text(encoding="utf-8") == page


def test_advise_says_what_guidelines_say_of_the_model(
    run_folder: Path, guidelines_file: Path, capsys: Capture
) -> None:
    asked = ["advise", str(run_folder), "--guidelines", str(guidelines_file)]
    advice = value(asked, capsys)
    sites = {piece["site"][0] for piece in advice}
    assert sites <= load_search(run_folder).best.architecture.network_names
    assert len(advice) == len(sites) > 1
    assert {(piece["operator"], piece["verdict"]) for piece in advice} == {("clone_network", "do")}
    assert advice[0]["expect"] == {"skill:generation": {"median": 0.123, "low": 0.1, "high": 0.15}}
    assert value([*asked, "--most", "1"], capsys) == advice[:1]
    shown = text(asked, capsys)
    assert "do clone network" in shown
    assert "+0.123 [+0.100, +0.150]" in shown


def test_advise_goes_by_the_bundled_guidelines_unless_others_are_given(
    run_folder: Path, capsys: Capture
) -> None:
    told = value(["advise", str(run_folder)], capsys)
    assert told
    assert all(piece["verdict"] in {"do", "avoid"} for piece in told)


def test_advise_says_so_where_no_guideline_speaks(run_folder: Path, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "none.json").write_text(Guidelines(()).to_json())
    asked = ["advise", str(run_folder), "--guidelines", str(tmp_path / "none.json")]
    assert value(asked, capsys) == []
    assert "No guideline speaks" in text(asked, capsys)


def test_guidelines_are_printed_and_written(study_folder: Path, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "deep" / "guidelines.json"
    found = value(["guidelines", str(study_folder), "--out", str(out)], capsys)
    assert json.loads(out.read_text()) == found
    assert Guidelines.load(out).studies[0]["problems"] == ["digits"]
    kept = out.read_bytes()
    assert run(["guidelines", str(study_folder), "--out", str(out), "--quiet"]) == 2
    assert "not overwritten" in capsys.readouterr().err
    assert out.read_bytes() == kept
    # Two parents can support nothing, and that is said.
    assert found["guidelines"] == []
    assert "No guideline survived" in text(["guidelines", str(study_folder)], capsys)


def test_a_finished_study_is_answered_at_once(study_folder: Path, capsys: Capture) -> None:
    small = [
        "--parents",
        "2",
        "--trials",
        "1",
        "--parent-steps",
        "10",
        "--trial-steps",
        "5",
        "--workers",
        "1",
    ]
    told = value(["study", "digits", *small, "--out", str(study_folder)], capsys)
    records = load_study(study_folder).records
    effects = told.pop("effects")
    assert told == {"records": len(records), "parents": 2, "out": str(study_folder)}
    assert {effect["response"] for effect in effects} >= {"skill:classification", "parameters"}
    assert all(effect["change"]["low"] <= effect["change"]["high"] for effect in effects)
    assert len(records) == 4


@pytest.mark.parametrize("fixture", ["run_folder", "study_folder"])
def test_reports_are_one_page(
    fixture: str, request: pytest.FixtureRequest, tmp_path: Path, capsys: Capture
) -> None:
    out = tmp_path / "page.html"
    told = value(["report", str(request.getfixturevalue(fixture)), "--out", str(out)], capsys)
    assert told == {"report": str(out)}
    assert out.read_text().rstrip().endswith("</html>")


def test_the_version_is_that_of_the_package(capsys: Capture) -> None:
    assert text(["--version"], capsys) == f"graftwork {graftwork.__version__}\n"
    module = [sys.executable, "-m", "graftwork", "--version"]
    ran = subprocess.run(module, capture_output=True, text=True, check=True)
    assert ran.stdout == f"graftwork {graftwork.__version__}\n"


def test_an_interrupt_says_that_the_command_goes_on(
    study_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("graftwork.study.load_study", interrupted)
    assert run(["guidelines", str(study_folder)]) == 130
    assert "the same command goes on" in capsys.readouterr().err


def test_help_teaches_what_there_is(capsys: Capture) -> None:
    shown = text(["--help"], capsys)
    for name in ("demo", "search", "study", "guidelines", "diagnose", "advise", "compare", "report", "gc"):
        assert name in shown
    assert "Exit codes" in shown


@pytest.mark.parametrize(
    "name", ["demo", "search", "study", "guidelines", "diagnose", "advise", "compare", "report", "gc"]
)
def test_every_command_helps_by_an_example(name: str, capsys: Capture) -> None:
    shown = text([name, "--help"], capsys)
    assert f"Example: graftwork {name}" in shown
    assert "--json" in shown

"""The commands that train with their own settings, on as few candidates as can be."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from graftwork.cli._main import run
from graftwork.search import load_comparison, load_search
from graftwork.store import Store
from graftwork.training import BALANCERS

Capture = pytest.CaptureFixture[str]


def test_search_tells_the_best_and_goes_on_with_what_is_there(tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "run"
    asked = ["search", "digits", "--evaluations", "1", "--workers", "1", "--balancer", "scaled"]
    asked += ["--no-baselines"]
    asked += ["--out", str(out)]
    assert run([*asked, "--json", "--quiet"]) == 0
    told = json.loads(capsys.readouterr().out)
    best = load_search(out).best
    assert load_search(out).spec["settings"]["options"]["balancer"] == "Scaled(memory=0.99)"
    assert told["architecture_hash"] == best.architecture.canonical_hash
    assert told["parameters"] == best.complexity.parameters
    assert set(told["test"]) == {"digit", "histogram", "sample"}
    assert told["test"]["digit"]["skill"] == best.scores["test"]["digit"].skill > 0.5
    figures = {name: score["metrics"] for name, score in told["test"].items()}
    assert figures == {name: dict(score.metrics) for name, score in best.scores["test"].items()}
    assert run(asked) == 0
    shown = capsys.readouterr().out
    assert f"{best.complexity.parameters:,} parameters" in shown
    assert f"roc auc {figures['digit']['roc_auc']:.3g}" in shown
    assert f"coverage {figures['sample']['coverage']:.3g}" in shown
    assert f"{told['test']['digit']['skill']:.3f}" in shown
    assert f"graftwork report {out}" in shown


def test_compare_tells_policies_side_by_side(tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "comparison"
    asked = ["compare", "digits", "--policies", "random,relevance", "--seeds", "1", "--evaluations", "1"]
    asked += ["--workers", "1", "--out", str(out)]
    assert run([*asked, "--json", "--quiet"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert list(told) == ["random", "relevance"]
    # One candidate each, and of one seed: the same random architecture.
    assert told["random"]["hypervolumes"] == told["relevance"]["hypervolumes"]
    assert told["relevance"]["difference"] == [0.0, 0.0, 0.0]
    assert (told["relevance"]["p"], told["random"]["p"]) == (1.0, None)
    random, relevance = load_comparison(out).runs
    assert random.skills == relevance.skills
    assert told["random"]["steps"] == random.history[-1].steps > 0
    assert run(asked) == 0
    assert "relevance" in capsys.readouterr().out
    assert run(["report", str(out), "--quiet"]) == 0
    assert "relevance" in (out / "report.html").read_text()


@pytest.mark.parametrize("command", ["compare digits --policies random --seeds 1", "study digits"])
def test_the_balancer_is_what_a_run_is_trained_and_known_by(
    command: str, tmp_path: Path, capsys: Capture
) -> None:
    size = "--parents 2 --trials 1 --parent-steps 2 --trial-steps 2" if "study" in command else "--steps 1"
    asked = [*command.split(), *size.split(), "--workers", "1", "--quiet", "--out", str(tmp_path / "run")]
    assert run([*asked, "--balancer", "uncertainty"]) == 0
    with Store.read(tmp_path / "run") as store:
        assert "Uncertainty(rate=0.01)" in json.dumps(store.spec)
    assert run([*asked, "--balancer", "uncertainty"]) == 0
    assert run([*asked, "--balancer", "scaled"]) == 2
    assert "balancer" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["search", "study", "compare"])
def test_help_says_what_each_balancer_does(command: str, capsys: Capture) -> None:
    assert run([command, "--help"]) == 0
    shown = re.sub(r"[\s│]+", " ", capsys.readouterr().out)
    assert all(f"{name}:" in shown for name in BALANCERS)
    assert "[default: static]" in shown


def test_a_device_that_is_not_there_is_refused_before_a_folder_is_made(
    tmp_path: Path, capsys: Capture
) -> None:
    out = tmp_path / "run"
    assert run(["search", "digits", "--device", "cuda:99", "--out", str(out)]) == 2
    assert "device 'cuda:99' cannot be used on this machine" in capsys.readouterr().err
    assert not out.exists()


def test_help_names_the_extras_that_options_need(capsys: Capture) -> None:
    assert run(["search", "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.replace("│", " ").split())
    for extra in ("graftwork[ray]", "graftwork[postgresql]", "graftwork[balancing]", "graftwork[data]"):
        assert extra in shown

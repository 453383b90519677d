"""Names of users and of others: never paths, never orders to a terminal, never markup."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.guidelines.test_guidelines import AIM, guideline
from tests.variation.samples import small_architecture, small_problem

import graftwork as gw
from graftwork.architecture import draw_svg
from graftwork.cli._console import Voice, plain
from graftwork.cli._main import run
from graftwork.cli._tables import print_guidelines
from graftwork.errors import InputError
from graftwork.guidelines import Guidelines
from graftwork.problem import Problem, Regression, load_problem

HOSTILE = ["../../x", "a/b", "a\x00", "a\nb", "a\x1b[2J", "a" * 10_000, "", "<script>", "a\u202eb", "..", "~"]
X = np.arange(20.0)


def made(*, problem: str = "line", given: str = "x", asked: str = "y") -> Problem:
    return Problem.from_arrays(problem, inputs={given: X}, outputs={asked: (Regression(), 3 * X)})


@pytest.mark.parametrize("name", HOSTILE)
def test_inputs_and_outputs_are_called_by_identifiers(name: str) -> None:
    for asked in ({"given": name}, {"asked": name}):
        with pytest.raises(InputError, match="put name") as refusal:
            made(**asked)
        assert len(str(refusal.value)) < 300
        assert str(refusal.value).isprintable()


@pytest.mark.parametrize("name", ["a\x00", "a\nb", "a\x1b[2J", "a" * 101, "", "a\u202eb"])
def test_problems_are_called_by_a_line_of_text(name: str) -> None:
    with pytest.raises(InputError, match="problem name") as refusal:
        made(problem=name)
    assert len(str(refusal.value)) < 300


def test_the_name_of_a_problem_is_no_path(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "run"
    settings = gw.SearchSettings(initial=2, initial_steps=2, steps=2, finish_steps=2)
    problem = made(problem="../../../escaped")
    gw.search(problem, policy="random", budget=gw.Budget(evaluations=2), out=out, settings=settings)
    assert {path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*")} == {"deep"}
    assert {path.name for path in out.iterdir()} == {"graftwork.db", "weights", ".graftwork.lock"}


@pytest.mark.parametrize("name", [*HOSTILE, "/etc/passwd", "digits/../digits", "DIGITS\n", None, ["digits"]])
def test_bundled_problems_are_known_by_name_alone(name: str) -> None:
    with pytest.raises(InputError, match="unknown problem") as refusal:
        load_problem(name)
    assert len(str(refusal.value)) < 300


@given(st.text())
def test_no_text_steers_a_terminal(text: str) -> None:
    shown = plain(text)
    assert not any((ord(sign) < 32 and sign not in "\n\t") or 127 <= ord(sign) < 160 for sign in shown)
    assert "\u202e" not in shown
    assert not text.isprintable() or shown == text


def test_errors_do_not_steer_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["report", "no\x1b[2Jwhere"]) == 2
    assert "\x1b" not in capsys.readouterr().err


def test_markup_in_guidelines_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    voice = Voice()
    hostile = "[/red] [link=https://example.org]x[/link]"
    voice.table(hostile, [hostile, "b"], [[hostile, "\x1b]0;title\x07"]])
    text = Guidelines((guideline(0.1),)).to_json().replace(AIM, f"skill:{hostile}")
    print_guidelines(voice, Guidelines.from_json(text))
    said = "".join(capsys.readouterr().out.split())
    assert said.count("[link=https://example.org]") >= 3
    assert "\x1b" not in said


def test_titles_of_drawings_are_text() -> None:
    drawn = draw_svg(small_architecture(0), title="</svg><script>alert(1)</script>")
    assert "<script" not in drawn


def test_a_file_is_not_written_through_a_link(studied: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    (tmp_path / ".found.json.part").symlink_to(precious)
    assert run(["guidelines", str(studied), "--out", str(tmp_path / "found.json"), "--quiet"]) == 0
    assert precious.read_text() == "mine"
    assert json.loads((tmp_path / "found.json").read_text())["version"] == 1


@pytest.mark.parametrize("trainable", ["n0", ["n0"], b"n0", 3, {"n0": 1}, frozenset({1})])
def test_trainable_is_a_set_of_names(trainable: object) -> None:
    problem = small_problem()
    model = gw.build(small_architecture(0), seed=0)
    with pytest.raises(InputError, match="trainable: expected"):
        gw.train(model, problem, budget=gw.Budget(steps=1), seed=0, trainable=trainable)  # type: ignore[arg-type]

"""`python -m graftwork.testing operators`: what it prints and its exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from tests.testing import planted
from typer.testing import CliRunner

from graftwork.testing.__main__ import app
from graftwork.testing._judge import PROPERTIES
from graftwork.variation import OPERATORS

SMALL = ["operators", "--parents", "4", "--chain", "3", "--seed", "2", "--workers", "1"]


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.stdout


def payload(*arguments: str) -> tuple[int, Any]:
    code, text = run(*arguments, "--json")
    return code, json.loads(text)


def test_the_json_counts_every_operator_and_property() -> None:
    code, value = payload(*SMALL, "--chain", "10")
    assert code == 0
    assert (value["parents"], value["chain"], value["seed"], value["broken"]) == (4, 10, 2, 0)
    assert value["examples"] == []
    assert set(value["operators"]) <= set(OPERATORS)
    for name, properties in value["operators"].items():
        assert set(properties) <= set(PROPERTIES)
        assert all(count == {"tried": count["tried"], "broken": 0} for count in properties.values())
        tried = properties["raises nothing"]["tried"]
        assert tried == value["applied"].get(name, 0) + value["refused"].get(name, 0)


def test_people_get_a_table_of_the_operators_that_they_name() -> None:
    code, text = run(*SMALL, "--operator", "clone_network")
    assert code == 0
    assert "clone_network" in text
    assert "kept weights" in text
    assert "bypass_network" not in text
    assert "Broken: 0" in text


def test_what_is_broken_is_shown_and_makes_the_exit_code_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graftwork.testing.commands.operators.OPERATORS", {"planted": planted.FalsePromise()})
    code, value = payload(*SMALL)
    assert code == 1
    assert value["broken"] == value["operators"]["planted"]["preserved function"]["broken"] > 0
    named = {"seed", "space", "operator", "site", "property", "detail"}
    assert all(named <= case.keys() for case in value["examples"])
    code, text = run(*SMALL)
    assert code == 1
    assert "planted at n" in text


@pytest.mark.parametrize(
    "arguments",
    [["--parents", "0"], ["--chain", "0"], ["--seed", "-1"], ["--workers", "0"], ["--operator", "unknown"]],
)
def test_bad_arguments_make_the_exit_code_2(arguments: list[str]) -> None:
    assert run(*SMALL, *arguments)[0] == 2


def test_it_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "graftwork.testing", *SMALL, "--parents", "1", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["parents"] == 1

"""A search, a study and guidelines on digits, each as small as it gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from graftwork.architecture import SearchSpace
from graftwork.cli._main import run
from graftwork.guidelines import Evidence, Guideline, Guidelines
from graftwork.problem import load_problem
from graftwork.runtime import Budget
from graftwork.search import SearchSettings, search
from graftwork.study import Interval

QUICK = SearchSettings(space=SearchSpace.modern(), initial=2, initial_steps=10, steps=10, finish_steps=10)


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("cli") / "run"
    search(load_problem("digits"), policy="random", budget=Budget(evaluations=3), out=out, settings=QUICK)
    return out


@pytest.fixture(scope="session")
def study_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("cli") / "study"
    small = "--parents 2 --trials 1 --parent-steps 10 --trial-steps 5 --workers 1 --quiet"
    assert run(["study", "digits", *small.split(), "--out", str(out)]) == 0
    return out


@pytest.fixture(scope="session")
def guidelines_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A guideline that recommends cloning anywhere."""
    path = tmp_path_factory.mktemp("cli") / "guidelines.json"
    expect = {"skill:generation": Interval(0.123, 0.1, 0.15)}
    evidence = Evidence(10, 5, ("digits",), 0.001, 0.01)
    planted = Guideline("clone_network", "do", "skill:generation", (), expect, evidence)
    path.write_text(Guidelines((planted,)).to_json())
    return path

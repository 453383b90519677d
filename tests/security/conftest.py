"""A finished search and a finished study, each as small as it gets, to be copied and spoiled."""

from __future__ import annotations

from pathlib import Path

import pytest

from graftwork.cli._main import run
from graftwork.problem import load_problem
from graftwork.runtime import Budget
from graftwork.search import SearchResult, SearchSettings, search

STUDY = [
    "digits",
    "--parents",
    "2",
    "--trials",
    "1",
    "--parent-steps",
    "5",
    "--trial-steps",
    "5",
    "--workers",
    "1",
    "--quiet",
]


def begin(folder: Path) -> SearchResult:
    """A search in a folder, or what comes of going on with it."""
    quick = SearchSettings(initial=2, initial_steps=5, steps=5, finish_steps=5, in_flight=1)
    budget = Budget(evaluations=4)
    return search(load_problem("digits"), policy="relevance", budget=budget, out=folder, settings=quick)


@pytest.fixture(scope="session")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("security") / "run"
    begin(out)
    return out


@pytest.fixture(scope="session")
def studied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("security") / "study"
    assert run(["study", *STUDY, "--out", str(out)]) == 0
    return out

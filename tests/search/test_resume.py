"""A search that was cut anywhere ends as one that was not, and one that has ended stays as it is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.killing import cut_after, held
from tests.search.runs import EVALUATIONS, essence, run
from tests.search.samples import QUICK

from graftwork.architecture import SearchSpace
from graftwork.errors import InputError
from graftwork.runtime import Budget
from graftwork.search import SearchResult, SearchSettings, load_search
from graftwork.store import Store
from graftwork.training import Balancer, Dynamic, Scaled, Sequential, Static


def balanced(balancer: Balancer) -> SearchSettings:
    return replace(QUICK, options=replace(QUICK.options, balancer=balancer))


@pytest.mark.parametrize("entries", [0, 1, 5, EVALUATIONS, EVALUATIONS + 1])
def test_wherever_it_was_cut_the_end_is_the_same(
    entries: int, whole: tuple[Path, SearchResult], tmp_path: Path
) -> None:
    cut_after(entries, whole[0], tmp_path)
    assert held(tmp_path) == entries
    assert essence(run(tmp_path)) == essence(whole[1])


def test_a_finished_run_is_not_touched_and_answers_the_same(whole: tuple[Path, SearchResult]) -> None:
    out, result = whole
    with Store.read(out) as store:
        before = store.entries(), store.summary
    milestones: list[int] = []
    again = run(out, progress=lambda milestone: milestones.append(milestone.evaluations))
    with Store.read(out) as store:
        assert (store.entries(), store.summary) == before
        assert store.finished
    assert milestones == [EVALUATIONS]
    # Even the seconds are those of the first time.
    assert again.history == result.history
    assert essence(again) == essence(result)


@pytest.mark.parametrize("algorithm", ["pareto", "hill-climbing"])
@pytest.mark.parametrize("entries", [3, 13, 21])
def test_a_longer_run_goes_on_from_where_it_stood(algorithm: str, entries: int, tmp_path: Path) -> None:
    """So long that restarts, what is known already, and what left the front lie before the cut."""
    asked: dict[str, Any] = {
        "policy": "random",
        "settings": replace(QUICK, algorithm=algorithm, operators=("clone_network", "delete_connection")),
        "budget": Budget(evaluations=24),
    }
    whole = run(tmp_path / "whole", **asked)
    cut_after(entries, tmp_path / "whole", tmp_path / "cut")
    assert essence(run(tmp_path / "cut", **asked)) == essence(whole)


def test_a_run_is_read_as_it_ended(whole: tuple[Path, SearchResult]) -> None:
    read = load_search(whole[0])
    assert essence(read) == essence(whole[1])
    assert read.spec == whole[1].spec


def test_which_layer_was_changed_is_read_again(tmp_path: Path) -> None:
    space = SearchSpace.modern(hidden_layers=(2, 3))
    asked: dict[str, Any] = {
        "policy": "random",
        "settings": replace(QUICK, operators=("change_activation",), space=space),
        "budget": Budget(evaluations=14),
    }
    result = run(tmp_path, **asked)
    assert any(c.application.site.layer for c in result.candidates if c.application)
    assert essence(load_search(tmp_path)) == essence(result)
    assert essence(run(tmp_path, **asked)) == essence(result)


@pytest.mark.parametrize(
    ("changes", "culprit"),
    [
        ({"seed": 4}, "seed"),
        ({"policy": "random"}, "policy"),
        ({"budget": Budget(evaluations=9)}, "evaluations"),
        ({"settings": None}, "initial_steps"),
        ({"settings": balanced(Sequential())}, "balancer"),
    ],
)
def test_another_run_in_its_folder_is_refused_and_changes_nothing(
    changes: dict[str, Any], culprit: str, whole: tuple[Path, SearchResult]
) -> None:
    with Store.read(whole[0]) as store:
        before = store.entries()
    with pytest.raises(InputError, match=culprit):
        run(whole[0], **changes)
    with Store.read(whole[0]) as store:
        assert store.entries() == before


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Dynamic(factor=2.0), Dynamic(factor=3.0)),
        (Static(), Static({"digit": 2.0})),
        (Sequential(("digit",)), Sequential(("type",))),
        (Scaled(), Scaled(memory=0.9)),
    ],
    ids=str,
)
def test_a_search_that_balances_otherwise_is_another(first: Balancer, second: Balancer) -> None:
    specs = {json.dumps(balanced(balancer).spec(), sort_keys=True) for balancer in (first, second)}
    assert len(specs) == 2


@pytest.mark.parametrize(
    ("changes", "culprit"),
    [
        ({"workers": 0}, "workers"),
        ({"seed": -1}, "seed"),
        ({"policy": "zz"}, "policy"),
        ({"settings": balanced(Static({"digits": 2.0}))}, "came digits"),
    ],
)
def test_bad_input_is_refused_before_a_folder_is_made(
    changes: dict[str, Any], culprit: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=culprit):
        run(tmp_path / "run", **changes)
    assert not (tmp_path / "run").exists()

"""What a run keeps of its problem: once, with rows of conditions, and nothing where no document holds it."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.search.runs import run
from tests.variation.samples import small_architecture, small_problem

from graftwork.architecture import random_architecture
from graftwork.architecture.space import SearchSpace
from graftwork.model import HeterogeneousModel, build, needed_inputs
from graftwork.problem import Classification, Problem
from graftwork.search import SearchResult
from graftwork.search.kept_interface import KEY, keep_interface, kept_interface
from graftwork.store import Store


def models() -> tuple[HeterogeneousModel, HeterogeneousModel]:
    """One that samples under conditions of inputs, and one that does not."""
    drawn = [build(small_architecture(seed), seed=0) for seed in range(20)]
    reads = [bool(needed_inputs(model.architecture, ["image"], posterior=False)) for model in drawn]
    return drawn[reads.index(True)], drawn[reads.index(False)]


@pytest.mark.parametrize("conditions", [True, False])
def test_it_is_kept_once_with_the_rows_of_conditions(conditions: bool, tmp_path: Path) -> None:
    model, problem = models()[0 if conditions else 1], small_problem()
    with Store.open(tmp_path, kind="search", spec={}) as store:
        assert kept_interface(store) is None
        for _ in range(2):
            keep_interface(store, problem, model)
        (entry,) = store.entries()
        found = kept_interface(store)
        assert found is not None
        assert found.to_json() == problem.interface.to_json()
        assert bool(found.conditions) == (entry.weights is not None) == conditions
        assert all(torch.equal(rows, problem.train.inputs[name]) for name, rows in found.conditions.items())


def test_what_no_document_holds_is_not_kept_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Own(Classification):
        pass

    x = np.arange(30)
    problem = Problem.from_arrays("own", inputs={"x": x}, outputs={"y": (Own(), x % 3)})
    model = build(random_architecture(problem, SearchSpace.modern(), seed=0), seed=0)
    with Store.open(tmp_path, kind="search", spec={}) as store, caplog.at_level(logging.WARNING):
        keep_interface(store, problem, model)
        assert store.entries() == []
    assert "output 'y' is a Own, which its document does not know" in caplog.text


def test_a_finished_run_that_is_gone_on_with_keeps_what_it_kept(whole: tuple[Path, SearchResult]) -> None:
    with Store.read(whole[0]) as store:
        before = store.get(KEY)
    again = run(whole[0])
    assert again.interface is not None
    assert again.interface.to_json() == small_problem().interface.to_json()
    with Store.read(whole[0]) as store:
        assert store.get(KEY) == before

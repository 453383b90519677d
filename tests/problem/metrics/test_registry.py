"""Names of metrics, and where each is told of."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from tests.problem.metrics.planted import figures

from graftwork.errors import InputError
from graftwork.problem import METRICS, Problem, chosen_metrics, further_metrics, load_problem, metric_of

PAGE = Path(__file__).parents[3] / "docs" / "metrics.md"


def measured(problem: Problem) -> set[str]:
    names = set()
    for name, target in problem.test.targets.items():
        answer = problem.outputs[name].trivial(len(target), _random())
        names |= set(problem.score(name, answer, "test").metrics)
        names |= set(further_metrics(problem, name, answer, "test", chosen_metrics("all")))
    return names


def _random() -> object:

    return np.random.default_rng(0)


def test_all_that_is_declared_is_measured_and_all_that_is_measured_declared() -> None:
    assert measured(load_problem("digits")) == set(METRICS)


def test_what_is_asked_for_is_measured_and_nothing_else() -> None:
    problem = load_problem("digits")
    for name, target in problem.test.targets.items():
        answer = problem.outputs[name].trivial(len(target), _random())
        for asked in METRICS.values():
            found = further_metrics(problem, name, answer, "test", frozenset({asked.name}))
            of_kind = asked.kind == problem.outputs[name].kind
            given = problem.score(name, answer, "test").metrics
            assert set(found) == ({asked.name} - set(given) if of_kind else set())


@pytest.mark.parametrize("asked", [["rmse", "rsme"], ["rmse:length"]])
def test_a_name_that_nobody_knows_is_refused(asked: list[str]) -> None:
    with pytest.raises(InputError, match=r"unknown metric '(rsme|rmse:length)'"):
        chosen_metrics(asked)


def test_a_bare_name_is_refused() -> None:
    with pytest.raises(InputError, match="expected 'all' or a sequence of names, came 'rmse'"):
        chosen_metrics("rmse")


def test_the_figure_of_a_column_is_read_like_that_of_all() -> None:
    assert metric_of("mae:a: b") is METRICS["mae"]
    assert metric_of("nothing") is None


def test_directions_are_those_of_better_samples() -> None:
    found = figures(0)
    for name, figure in found["real"].items():
        if name != "judge_accuracy":
            sign = 1 if METRICS[name].direction == "higher" else -1
            assert sign * figure > sign * found["noise"][name], name


def test_the_page_tells_of_all_as_the_registry_does() -> None:
    page = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)`" + r" \| ([^|]+)" * 4 + r" \|$", page, re.MULTILINE)
    told = {name: (unit, direction, says, source) for name, unit, direction, says, source in rows}
    assert told == {m.name: (m.unit, m.direction, m.says, m.source) for m in METRICS.values()}

"""Metrics by name, their declarations, and what a diagnosis says of its figures."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from tests.diagnosis.modules import KINDS, SharedBottom, batches
from tests.testing.planted_metrics import Good, NoInfos

import graftwork as gw
from graftwork import plugins
from graftwork.diagnosis import ALL_METRICS, DEFAULT_METRICS, METRICS, Diagnosis, Finding, MetricRegistry
from graftwork.errors import InputError


def test_every_figure_declares_what_it_says() -> None:
    infos = [info for metric in METRICS.values() for info in metric.infos]
    assert {info.name for info in infos} == set(METRICS)
    assert all(info.unit and info.says for info in infos)
    assert len({info.name for metric in ALL_METRICS for info in metric.infos}) == len(METRICS) - 1


def test_the_default_metrics_are_the_cheap_three() -> None:
    assert [info.name for metric in DEFAULT_METRICS for info in metric.infos] == [
        "relevance_weights",
        "relevance_permutation",
        *("reaches", "exclusive", "depth", "in_degree", "out_degree", "parameter_share"),
    ]


def _points(monkeypatch: pytest.MonkeyPatch, **values: str) -> MetricRegistry:
    points = [EntryPoint(name, value, "graftwork.metrics") for name, value in values.items()]
    monkeypatch.setattr(plugins, "entry_points", lambda group: points if group == "graftwork.metrics" else [])
    return MetricRegistry(ALL_METRICS)


def test_metrics_of_other_packages_are_known_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    registry = _points(monkeypatch, spread="tests.testing.planted_metrics:Good")
    assert [type(metric).__name__ for metric in registry.chosen(["cka", "spread"])] == ["Redundancy", "Good"]
    assert registry.info("spread").unit == "units"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("tests.testing.planted_metrics:NoInfos", "brings no metric: `infos` must be a tuple"),
        ("tests.testing.planted_metrics:Missing", "cannot be loaded: AttributeError"),
    ],
)
def test_broken_packages_are_named_where_they_are_asked_for(
    value: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = _points(monkeypatch, bad=value)
    assert registry.chosen(["cka"])
    with pytest.raises(InputError, match=f"entry point 'bad' of a package.*{message}"):
        registry.chosen(["spread"])


def test_a_second_metric_of_one_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    registry = _points(
        monkeypatch, one="tests.testing.planted_metrics:Good", two="tests.testing.planted_metrics:Twice"
    )
    with pytest.raises(InputError, match=r"'two'.*second metric 'spread'"):
        registry.chosen(["spread"])


def test_nothing_is_no_choice() -> None:
    with pytest.raises(InputError, match="expected at least one"):
        METRICS.chosen([])
    assert NoInfos.infos == ()


def _diagnosis(**values: float) -> Diagnosis:
    return Diagnosis(
        tuple(
            Finding(name.replace("_to_", " -> "), "y", metric, value, 0.1)
            for metric in ("relevance_permutation", "gradient_cosine")
            for name, value in values.items()
        )
        + tuple(
            Finding(name, None, "redundancy", value) for name, value in values.items() if "_to_" not in name
        )
    )


def test_ranks_say_who_is_needed_most() -> None:
    found = _diagnosis(a=0.1, b=0.7, c=0.1, a_to_b=5.0, b_to_c=6.0)
    assert found.ranks("relevance_permutation") == {
        "a": {"y": 0.25},
        "b": {"y": 1.0},
        "c": {"y": 0.25},
        "a -> b": {"y": 0.0},
        "b -> c": {"y": 1.0},
    }
    assert found.ranks("redundancy") == {"a": {None: 0.75}, "b": {None: 0.0}, "c": {None: 0.75}}


def test_intervals_reach_two_errors_to_each_side() -> None:
    low, high = _diagnosis(a=0.3).interval("a", "relevance_permutation", "y")
    assert (low, high) == (pytest.approx(0.3 - 0.196, abs=1e-4), pytest.approx(0.3 + 0.196, abs=1e-4))


def test_figures_of_metrics_that_are_not_registered_keep_their_meaning() -> None:
    arguments: dict[str, Any] = {"components": ["trunk", "branch"], "outputs": KINDS}
    found = gw.diagnose(SharedBottom(), batches(), metrics=[Good()], **arguments)
    assert found.info("spread").unit == "units"
    assert found.metrics == ("spread",)
    with pytest.raises(KeyError):
        found.info("nothing")


def test_the_documentation_names_every_figure() -> None:
    text = (Path(__file__).parents[2] / "docs" / "diagnosis.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert not [name for name in METRICS if not any(f"`{name}`" in row for row in rows)]

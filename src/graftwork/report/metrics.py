"""All metrics of the best model, by output."""

from __future__ import annotations

from collections.abc import Mapping

from graftwork.problem import Score, metric_of
from graftwork.report._format import NONE, error_value, plain
from graftwork.report._markup import details, table
from graftwork.report.section import Section

_COLUMNS = ["metric", "value", "unit", "better"]


def metrics_section(scores: Mapping[str, Score]) -> Section:
    """A table for each output, and what its metrics tell.

    Args:
        scores: On the test split, by output; of a run of an earlier version they hold fewer metrics.
    """
    html = "".join(_table(name, score.metrics) for name, score in scores.items())
    named = dict.fromkeys(name.partition(":")[0] for score in scores.values() for name in score.metrics)
    known = [metric for name in named if (metric := metric_of(name)) is not None]
    rows = [[plain(metric.name), metric.says, metric.source] for metric in known]
    html += details(
        "What each tells", table("Metrics", ["metric", "tells", "source"], rows, words=("tells", "source"))
    )
    lead = "What skill does not say: how good the answers on test rows are in units of their own."
    return Section("All metrics", html, lead)


def _table(name: str, metrics: Mapping[str, float]) -> str:
    rows = [_row(metric, value) for metric, value in metrics.items()]
    return table(f"{name}, on test rows", _COLUMNS, rows, words=("unit", "better"))


def _row(name: str, value: float) -> list[str]:
    metric, (base, _, column) = metric_of(name), name.partition(":")
    title = f"{plain(base)} of {column}" if column else plain(base)
    return [
        title,
        error_value(value),
        metric.unit if metric else NONE,
        metric.direction if metric else NONE,
    ]

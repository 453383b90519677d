"""Metrics of outputs, one file a kind; those beside `Output.errors` are computed where asked for."""

from graftwork.problem.metrics.metric import Direction, Metric
from graftwork.problem.metrics.registry import METRICS, Names, chosen_metrics, further_metrics, metric_of

__all__ = ["METRICS", "Direction", "Metric", "Names", "chosen_metrics", "further_metrics", "metric_of"]

"""All metrics of outputs by name, and what is measured where they are asked for."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Literal

from torch import Tensor

from graftwork.errors import InputError
from graftwork.problem._names import unknown
from graftwork.problem._threads import single_thread
from graftwork.problem.metrics.classification import CLASSIFICATION, classification_metrics
from graftwork.problem.metrics.generation import GENERATION, generation_metrics
from graftwork.problem.metrics.judge import JUDGE, judge_metrics
from graftwork.problem.metrics.metric import Metric
from graftwork.problem.metrics.regression import REGRESSION, regression_metrics
from graftwork.problem.outputs import Classification, Regression
from graftwork.problem.problem import Problem

Names = Literal["all"] | Iterable[str]

METRICS: Mapping[str, Metric] = MappingProxyType(
    {metric.name: metric for metric in (*CLASSIFICATION, *REGRESSION, *GENERATION, *JUDGE)}
)


def metric_of(name: str) -> Metric | None:
    """How a figure of `Score.metrics` is read, that of a column too; None where nobody knows.

    Example:
        >>> metric_of("rmse:length").unit
        "the target's unit"
    """
    return METRICS.get(name.partition(":")[0])


def chosen_metrics(names: Names) -> frozenset[str]:
    """The names of metrics that are asked for.

    Raises:
        InputError: There is none of a name.
    """
    if names == "all":
        return frozenset(METRICS)
    if isinstance(names, str):
        raise InputError(f"metrics: expected 'all' or a sequence of names, came {names!r}: use a list")
    asked = list(names)
    for name in asked:
        if name not in METRICS:
            raise unknown("metric", name, METRICS)
    return frozenset(asked)


@single_thread()
def further_metrics(
    problem: Problem, name: str, prediction: Tensor, split: str, wanted: frozenset[str]
) -> dict[str, float]:
    """Metrics of an output that `Problem.score` has not, in the order of `METRICS`.

    What has no meaning on the split, or is not finite, is absent.

    Args:
        problem: The problem.
        name: Name of the output.
        prediction: As `Problem.score` takes it, which has looked it over.
        split: Name of the split.
        wanted: Names of metrics, of any kind.
    """
    output, target = problem.outputs[name], problem.split(split).targets[name]
    if isinstance(output, Classification):
        found = classification_metrics(output, prediction, target, wanted)
    elif isinstance(output, Regression):
        columns = problem.table.targets[name] if problem.table is not None else ()
        found = regression_metrics(output, prediction, target, wanted, columns)
    else:
        found = generation_metrics(prediction, target, wanted)
        found |= judge_metrics(problem, name, prediction, split, wanted)
    places = {metric: place for place, metric in enumerate(METRICS)}
    names = sorted(found, key=lambda each: places[each.partition(":")[0]])
    return {each: found[each] for each in names if math.isfinite(found[each])}

"""The door of the package."""

from __future__ import annotations

from collections.abc import Sequence

from graftwork.diagnosis._diagnosis import ComponentMetric, Diagnosis, Subject, measure
from graftwork.diagnosis.metrics import RelevanceByPermutation, RelevanceByRandomisedWeights, Structure
from graftwork.errors import InputError
from graftwork.model import HeterogeneousModel, common_dtype
from graftwork.problem import Problem

DEFAULT_METRICS: tuple[ComponentMetric, ...] = (
    RelevanceByRandomisedWeights(),
    RelevanceByPermutation(),
    Structure(),
)


def diagnose(
    model: HeterogeneousModel,
    problem: Problem,
    *,
    split: str = "validation",
    metrics: Sequence[ComponentMetric] = DEFAULT_METRICS,
    repeats: int = 5,
    rows: int = 1000,
    seed: int = 0,
) -> Diagnosis:
    """How good each network of a model is for each output.

    Relevance for a generation output is read from its reconstruction: what encodes has no part in sampling
    from the prior, and would look useless although nothing could be learnt without it.

    Args:
        model: A trained model.
        problem: The problem that it answers.
        split: Rows that are read; never `test` where decisions follow.
        metrics: What to measure.
        repeats: Disturbances a component, over which the standard errors are.
        rows: Most rows of the split that are read: its first ones.
        seed: Seed of the disturbances.

    Raises:
        InputError: `repeats` or `rows` is not positive, the split is unknown, or model and problem are of
            different precisions.

    Example:
        >>> import graftwork as gw
        >>> problem = gw.load_problem("digits")
        >>> architecture = gw.random_architecture(problem, gw.SearchSpace.modern(), seed=0)
        >>> report = gw.diagnose(gw.build(architecture, seed=0), problem, repeats=2)
        >>> list(report.frame().columns)
        ['component', 'output', 'metric', 'value', 'error']
    """
    for name, count in (("repeats", repeats), ("rows", rows)):
        if count < 1:
            raise InputError(f"{name} must be at least 1, but it is {count}")
    read = problem.split(split).first(rows).to(model.device)
    common_dtype(model, read.inputs, read.targets)
    return measure(Subject(model, problem, read, repeats, seed), metrics)

"""What a fitted estimator answers, target by target."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import torch
from sklearn.exceptions import UndefinedMetricWarning

from graftwork.errors import RunError
from graftwork.estimator._kinds import missing
from graftwork.estimator._targets import Target, Targets
from graftwork.evaluation import answers
from graftwork.model import HeterogeneousModel
from graftwork.problem import Classification, Problem
from graftwork.problem._arrays import Array

Numbers = npt.NDArray[np.float64]


def raw_answers(
    model: HeterogeneousModel, problem: Problem, targets: Targets, columns: Mapping[str, Array]
) -> dict[str, torch.Tensor]:
    """Encoded answers (rows, width) of each target by its name, in float64.

    In float64 an answer does not depend on the rows that are asked for beside it: in float32 sums of another
    order round otherwise.

    Raises:
        InputError: A column is missing, or holds what it cannot.
        RunError: An answer is not finite.
    """
    inputs = {name: rows.double() for name, rows in problem.encode_frame(columns).items()}
    names = [target.output for target in targets.each]
    found = answers(copy.deepcopy(model).cpu().double(), inputs, names)
    for target in targets.each:
        if not found[target.output].isfinite().all():
            raise RunError(
                f"output {target.name!r}: an answer is not finite; are values far from those of the training "
                "rows?"
            )
    return {target.name: found[target.output] for target in targets.each}


def probabilities(target: Target, problem: Problem, answer: torch.Tensor) -> Numbers:
    """Probability of each of the target's classes, (rows, classes); 0 for one that no training row holds."""
    assert target.classes is not None
    output = problem.outputs[target.output]
    assert isinstance(output, Classification)
    told = np.zeros((len(answer), len(target.classes)))
    told[:, [target.texts.index(label) for label in output.labels]] = answer.softmax(dim=1).numpy()
    return told


def prediction(target: Target, problem: Problem, answer: torch.Tensor) -> Array:
    """Labels (rows,), or numbers (rows,) or (rows, width) in the target's own units."""
    if target.classes is not None:
        labels: Array = target.classes[probabilities(target, problem, answer).argmax(axis=1)]
        return labels
    numbers: Array = problem.outputs[target.output].decode(answer)
    return numbers if target.vector else numbers[:, 0]


def skill(target: Target, problem: Problem, answer: torch.Tensor, values: list[Array]) -> float:
    """1 - error / error of the trivial answer on the same rows, of those whose target is not missing.

    The error is the error rate, or the mean squared error. NaN, with a warning, where the trivial answer
    makes no error.
    """
    errors = _rates if target.classes is not None else _squares
    error, trivial = errors(target, problem, answer, values)
    if trivial > 0:
        return 1 - error / trivial
    warnings.warn(
        f"output {target.name!r}: the trivial answer makes no error on these rows, so that skill is not "
        "defined",
        UndefinedMetricWarning,
        stacklevel=2,
    )
    return float("nan")


def _rates(
    target: Target, problem: Problem, answer: torch.Tensor, values: list[Array]
) -> tuple[float, float]:
    """Error rates of the answer and of the class that is most frequent in training rows."""
    output = problem.outputs[target.output]
    assert isinstance(output, Classification)
    there = ~missing(values[0])
    labels = values[0][there]
    found = prediction(target, problem, answer)[there]
    usual = prediction(target, problem, output.trivial(1, np.random.default_rng(0)))[0]
    return float(np.mean(found != labels)), float(np.mean(usual != labels))


def _squares(
    target: Target, problem: Problem, answer: torch.Tensor, values: list[Array]
) -> tuple[float, float]:
    """Mean squared errors of the answer and of the training mean, of the numbers that are learnt."""
    output = problem.outputs[target.output]
    rows = output.encode(np.stack([column.astype(np.float64) for column in values], axis=1)).double()
    return output.errors(answer, rows)["mse"], output.baseline(rows)["mse"]

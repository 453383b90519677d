"""What models answer for new rows, in the user's own terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from graftwork.errors import InputError, RunError
from graftwork.evaluation import answers
from graftwork.model import HeterogeneousModel, check_answers
from graftwork.problem import Classification, Interface, Output, Problem

if TYPE_CHECKING:
    import pandas as pd

Models = HeterogeneousModel | Sequence[HeterogeneousModel]
Numbers = NDArray[np.float64]


def predictions(models: Models, problem: Problem | Interface, rows: object) -> pd.DataFrame:
    """What a model, or several as an ensemble, answer for new rows, which keep their order.

    A classification has a column with the most probable class, and one with the probability of each,
    `species=Adelie`. Numbers are in the target's own units. Columns bear the names of the table's columns,
    where the problem was made of a table, and else of the output. A name that is taken already gets an
    underscore more. What is generated is no prediction and left out: see `samples`.

    Several models answer with the mean of their probabilities, and of their numbers; columns that end in
    `_low` and `_high` hold the least and the greatest answer among them. That is how far the models lie
    apart, and no interval that holds the truth with a known probability.

    Args:
        models: One model, or several, see `members`.
        problem: The problem that they answer, whose training rows the preprocessing was fitted to; or its
            interface, such as a run keeps.
        rows: Of a problem made of a table: a frame as in `Problem.from_frame`, of which only the inputs are
            read. Else: an array (rows, *shape) for every input.

    Raises:
        InputError: An input is missing or holds what it cannot, or the models answer another problem, or the
            problem only generates.
        RunError: An answer is not finite.

    Example:
        >>> import graftwork as gw
        >>> from graftwork.search import predictions
        >>> frame = {"size": [float(i % 7) for i in range(60)], "kind": ["a", "b", "b"] * 20}
        >>> problem = gw.Problem.from_frame(frame, {"kind": gw.Classification()})
        >>> model = gw.build(gw.random_architecture(problem, gw.SearchSpace.modern(), seed=0), seed=0)
        >>> predictions(model, problem, {"size": [3.0, 5.0]}).columns.tolist()
        ['kind', 'kind=a', 'kind=b']
    """
    if problem.table is not None:
        return predicted(models, problem, problem.encode_frame(rows))
    if not isinstance(rows, Mapping):
        raise InputError(f"rows: expected a mapping of arrays, an input each, came {type(rows).__name__}")
    return predicted(models, problem, problem.encode_inputs(rows))


def predicted(models: Models, problem: Problem | Interface, inputs: Mapping[str, Tensor]) -> pd.DataFrame:
    """As `predictions`, of rows that are encoded: (rows, width) of every input."""
    import pandas as pd

    chosen = [models] if isinstance(models, HeterogeneousModel) else list(models)
    if not chosen:
        raise InputError("models: expected one or more, came none")
    for model in chosen:
        check_answers(model, problem)
    asked = [name for name, output in problem.outputs.items() if output.kind != "generation"]
    if not asked:
        raise InputError(f"problem {problem.name!r} only generates; draw from it by 'graftwork sample'")
    found = [answers(model, inputs, asked) for model in chosen]
    taken: set[str] = set()
    titles = {name: [_free(title, taken) for title in _titles(problem, name)] for name in asked}
    columns: dict[str, NDArray[np.generic]] = {}
    for name in asked:
        told = np.stack([_told(name, problem.outputs[name], each[name].cpu()) for each in found])
        columns |= _columns(problem.outputs[name], titles[name], told, taken)
    return pd.DataFrame(columns)


def _titles(problem: Problem | Interface, name: str) -> list[str]:
    """Names of the columns of an output, that of the class first."""
    output = problem.outputs[name]
    named = list(problem.table.targets[name]) if problem.table is not None else []
    if isinstance(output, Classification):
        column = (named or [name])[0]
        return [column, *(f"{column}={label}" for label in output.labels)]
    if named:
        return named
    return [name] if output.width == 1 else [f"{name}_{number}" for number in range(output.width)]


def _told(name: str, output: Output, prediction: Tensor) -> Numbers:
    """Probabilities (rows, classes), or numbers (rows, width) in the user's units."""
    if isinstance(output, Classification):
        told = prediction.double().softmax(dim=1).numpy()
    else:
        told = output.decode(prediction)
    if not np.isfinite(told).all():
        row = int((~np.isfinite(told)).any(axis=1).argmax())
        raise RunError(
            f"output {name!r}: the answer for row {row} is not finite; are its values far from those of the "
            "training rows?"
        )
    return told


def _columns(
    output: Output, titles: Sequence[str], told: Numbers, taken: set[str]
) -> dict[str, NDArray[np.generic]]:
    """Columns by their names; `told` is (models, rows, numbers)."""
    mean, columns = told.mean(axis=0), {}
    if isinstance(output, Classification):
        columns[titles[0]] = np.asarray(output.labels)[mean.argmax(axis=1)]
        titles = titles[1:]
    for position, title in enumerate(titles):
        columns[title] = mean[:, position]
        if len(told) > 1:
            columns[_free(f"{title}_low", taken)] = told[:, :, position].min(axis=0)
            columns[_free(f"{title}_high", taken)] = told[:, :, position].max(axis=0)
    return columns


def _free(title: str, taken: set[str]) -> str:
    while title in taken:
        title += "_"
    taken.add(title)
    return title

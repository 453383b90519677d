"""Metrics of regressions, in the target's own units."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import numpy.typing as npt
from torch import Tensor

from graftwork.problem.metrics.metric import Metric
from graftwork.problem.outputs import Regression

_MOST_COLUMNS = 12
_metric = partial(Metric, kind="regression")

REGRESSION = (
    _metric(
        name="mse",
        unit="variances of the training rows",
        direction="lower",
        says="Mean squared error of the standardised numbers, of the transformed ones where there is a "
        "transform; about 1 for the training mean.",
        source="standard",
    ),
    _metric(
        name="mse_own_units",
        unit="square of the target's unit",
        direction="lower",
        says="Mean squared error, a transform undone; rules by the largest misses.",
        source="standard",
    ),
    _metric(
        name="rmse",
        unit="the target's unit",
        direction="lower",
        says="Root of that error: the size of a miss, large ones counting more.",
        source="standard",
    ),
    _metric(
        name="mae",
        unit="the target's unit",
        direction="lower",
        says="Mean absolute error, a transform undone: the size of a miss, all counting alike.",
        source="standard",
    ),
    _metric(
        name="r2",
        unit="share of variance",
        direction="higher",
        says="Share of the variance of the split's rows that is explained, a transform undone; 1 is perfect, "
        "0 is the mean of these very rows, so that the training mean is at 0 or a little below.",
        source="r2_score of scikit-learn",
    ),
)

Numbers = npt.NDArray[np.float64]


def regression_metrics(
    output: Regression,
    prediction: Tensor,
    target: Tensor,
    wanted: frozenset[str],
    columns: Sequence[str] = (),
) -> dict[str, float]:
    """Metrics beside `errors` of standardised numbers (rows, width) over the rows that are not missing.

    Columns of one unit, which `scale="shared"` says they are, share a figure: the mean over columns, and R2
    of their variances together. Of others each has its own, `rmse:<column>`, where there are at most 12; for
    these R2 is the mean over columns too. R2 is absent where the split holds one value only.

    Args:
        output: The fitted output.
        prediction: What was predicted.
        target: What is true.
        wanted: Names of metrics.
        columns: Names of the columns; their positions unless told.
    """
    present = output.present(target)
    truth, told = output.decode(target[present]), output.decode(prediction[present])
    if not len(truth):
        return {}
    with np.errstate(over="ignore", invalid="ignore"):
        return _figures(output, truth, told, wanted, columns)


def _figures(
    output: Regression, truth: Numbers, told: Numbers, wanted: frozenset[str], columns: Sequence[str]
) -> dict[str, float]:
    squares, sizes = np.square(told - truth).mean(axis=0), np.abs(told - truth).mean(axis=0)
    if output.width == 1 or output.scale == "shared":
        errors = {"mse_own_units": squares.mean(), "rmse": np.sqrt(squares.mean()), "mae": sizes.mean()}
        found = {name: float(error) for name, error in errors.items() if name in wanted}
        return found | (_r2_together(truth, told) if "r2" in wanted else {})
    shares = _r2_of_columns(truth, told) if "r2" in wanted else {}
    found = {"r2": float(np.mean(list(shares.values())))} if shares else {}
    if output.width > _MOST_COLUMNS:
        return found
    by_name = {"mse_own_units": squares, "rmse": np.sqrt(squares), "mae": sizes}
    for place in range(output.width):
        title = columns[place] if columns else str(place)
        found |= {f"{name}:{title}": float(by_name[name][place]) for name in by_name if name in wanted}
        found |= {f"r2:{title}": shares[place]} if place in shares else {}
    return found


def _r2_together(truth: Numbers, told: Numbers) -> dict[str, float]:
    from sklearn.metrics import r2_score

    if not np.ptp(truth, axis=0).any() or not np.isfinite(told).all():
        return {}
    return {"r2": float(r2_score(truth, told, multioutput="variance_weighted"))}


def _r2_of_columns(truth: Numbers, told: Numbers) -> dict[int, float]:
    found = (_r2_together(truth[:, [place]], told[:, [place]]) for place in range(truth.shape[1]))
    return {place: each["r2"] for place, each in enumerate(found) if each}

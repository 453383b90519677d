"""From errors to scores."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from graftwork.errors import InputError, RunError
from graftwork.problem.outputs import Output
from graftwork.problem.score import Score
from graftwork.problem.split import SplitError


def score_errors(output: Output, errors: Mapping[str, float], baseline: Mapping[str, float]) -> Score:
    """The score of errors against those of the trivial baseline."""
    skill = {metric: 1 - error / baseline[metric] for metric, error in errors.items()}
    return Score(
        kind=output.kind,
        metric=output.primary,
        value=errors[output.primary],
        skill=skill[output.primary],
        decision=output.decision,
        decision_value=errors[output.decision],
        decision_skill=skill[output.decision],
        metrics=dict(errors),
    )


def check_baseline(name: str, split: str, baseline: Mapping[str, float]) -> None:
    """Refuse a split on which the trivial baseline leaves nothing to gain."""
    for metric, error in baseline.items():
        if error <= 0:
            raise SplitError(
                f"output {name!r}: the trivial baseline already has {metric} {error:.3g} on the split "
                f"{split!r}, so that skill has no meaning; give more rows, another seed, or drop the output"
            )


def check_prediction(name: str, output: Output, prediction: Tensor, rows: int) -> None:
    """Refuse a prediction of another shape than the target asks for, or with numbers that are not finite."""
    # A generated sample is no row-by-row answer, so that it may be of any size.
    free = output.kind == "generation"
    good = prediction.ndim == 2 and prediction.shape[1] == output.width
    if not good or (len(prediction) < 2 if free else len(prediction) != rows):
        expected = f"({'two or more' if free else rows}, {output.width})"
        raise InputError(f"prediction of {name!r}: expected shape {expected}, came {tuple(prediction.shape)}")
    strange = int((~prediction.isfinite()).sum())
    if strange:
        raise RunError(f"prediction of {name!r}: {strange} of {prediction.numel()} numbers are not finite")

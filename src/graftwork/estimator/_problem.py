"""From features and targets to a problem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graftwork.errors import InputError
from graftwork.estimator._features import Columns, Features
from graftwork.estimator._targets import Targets
from graftwork.problem import Generation, Problem, SplitError, TableOptions
from graftwork.problem.tables import ColumnKind, Declared, free_name
from graftwork.runtime import integer_seed

_SPLITS = 20


def problem_of(
    features: Features,
    targets: Targets,
    table: Columns,
    *,
    generate: bool,
    kinds: Mapping[str, ColumnKind] | None,
    fractions: Sequence[float],
    seed: int,
) -> tuple[Problem, str | None]:
    """The problem, and the name of the output that generates rows, if it is asked for.

    Where the rows of a split are too few or too alike to judge an output by, another split is drawn, up to
    twenty in all.

    Args:
        features: What the features are.
        targets: What the targets are.
        table: Columns of both.
        generate: Whether rows are generated.
        kinds: Kinds of features that the user told.
        fractions: Shares of training, validation and test rows.
        seed: Seed of the splits.

    Raises:
        InputError: The data cannot be a problem; the message names the culprit.
    """
    told: dict[str, ColumnKind] = {} if features.framed else dict.fromkeys(features.names, "number")
    told |= kinds or {}
    outputs: dict[str, Declared] = {}
    for target in targets.each:
        told |= dict.fromkeys(target.columns, "number" if target.classes is None else "category")
        outputs[target.name] = (target.declared, target.columns)
    row = free_name("row", {target.output for target in targets.each}) if generate else None
    if row is not None:
        outputs[row] = Generation()
    # An array has no columns that a person numbered its rows by: what counts them is meant as a number.
    inputs = None if features.framed else features.names
    for attempt in range(_SPLITS):
        options = TableOptions(
            inputs=inputs,
            kinds=told,
            seed=integer_seed(seed, attempt, "split"),
            fractions=fractions,
            copies=not features.framed,
        )
        try:
            return Problem.from_options("table", table, outputs, options), row
        except SplitError as error:
            refused = error
    raise InputError(f"{refused} ({_SPLITS} splits were drawn)")


def worth_a_warning(note: str, *, framed: bool) -> bool:
    """Whether a note of a table is to be told at once: columns of a frame that are left out, and copies.

    A constant column in an array is nothing that scikit-learn's estimators speak of.
    """
    return (framed and note.endswith(": left out")) or "holds the same values as the target" in note

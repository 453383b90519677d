"""What kind of output a target is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from graftwork.documents import short
from graftwork.errors import InputError
from graftwork.problem import Classification, Output, Regression
from graftwork.problem._arrays import Array

Kinds = str | Output | Mapping[str, str | Output] | None

MOST_CLASSES = 20
_DECLARED: dict[str, type[Output]] = {"classification": Classification, "regression": Regression}


def declared_output(name: str, told: object) -> Output:
    """The output that a user's word for it means.

    Raises:
        InputError: It is no kind of target.
    """
    if isinstance(told, Classification | Regression):
        return told
    if isinstance(told, str) and told in _DECLARED:
        return _DECLARED[told]()
    raise InputError(
        f"outputs, {short(name)}: expected 'classification', 'regression', Classification() or Regression(), "
        f"came {short(told) if isinstance(told, str) else type(told).__name__}; generate=True generates rows"
    )


def declared_kind(outputs: Kinds) -> str | None:
    """The kind that all targets have, as far as the constructor's `outputs` alone says."""
    told = list(outputs.values()) if isinstance(outputs, Mapping) else [outputs]
    kinds = {each.kind if isinstance(each, Output) else each for each in told}
    return next((kind for kind in _DECLARED if kinds == {kind}), None)


def outputs_of(targets: Mapping[str, Sequence[Array]], outputs: Kinds) -> dict[str, Output]:
    """The output that each target is, as declared or as its values speak.

    Args:
        targets: Columns (rows,) of each target.
        outputs: What the user declared.

    Raises:
        InputError: A declaration names no target, or is none; or the values are of no known kind.
    """
    if not isinstance(outputs, Mapping):
        outputs = {} if outputs is None else dict.fromkeys(targets, outputs)
    for name in outputs:
        if name not in targets:
            raise InputError(
                f"outputs: there is no target {short(name)}; the targets are "
                f"{', '.join(short(each) for each in targets)}"
            )
    return {
        name: declared_output(name, outputs[name]) if name in outputs else guessed(columns)
        for name, columns in targets.items()
    }


def guessed(columns: Sequence[Array]) -> Output:
    """A classification of text, booleans, or at most 20 different whole numbers; else a regression.

    Whole numbers are what scikit-learn's `type_of_target` calls binary or multiclass, floats among them.

    Raises:
        ValueError: `type_of_target` knows no such values.

    Example:
        >>> [guessed([np.array(column)]).kind for column in (["a", "b"], [0, 1], [0.5, 1.0])]
        ['classification', 'classification', 'regression']
    """
    if len(columns) > 1:
        return Regression()
    values = present(columns[0])
    if values.dtype.kind in "Mm" or not len(values):
        return Regression()
    if type_of_target(values, input_name="y", raise_unknown=True) == "continuous":
        return Regression()
    many = values.dtype.kind in "iuf" and len(np.unique(values)) > MOST_CLASSES
    return Regression() if many else Classification()


def classes_of(name: str, column: Array) -> Array:
    """The different labels of a target, sorted, in the form that they came in.

    Raises:
        ValueError: They are no labels, or fewer than two.
    """
    values = present(column)
    if values.dtype.kind == "O" and len({type(value) for value in values.tolist()}) == 1:
        # Labels of one type: text stays as it came, booleans beside gaps are booleans.
        natural = np.array(values.tolist())
        values = values if natural.dtype.kind == "U" else natural
    check_classification_targets(values)
    classes = np.unique(values)
    if len(classes) < 2:
        raise InputError(f"output {short(name)}: expected two classes or more, came {classes.tolist()}")
    return classes


def present(column: Array) -> Array:
    """The values that are not missing; None, NaN and empty text are."""
    return column[~missing(column)]


def missing(column: Array) -> npt.NDArray[np.bool_]:
    """Which values are missing, (rows,)."""
    if column.dtype.kind == "O":
        return np.array([value is None or value == "" for value in column.tolist()], dtype=bool)
    if column.dtype.kind == "U":
        return np.asarray(column == "", dtype=bool)
    if column.dtype.kind in "Mm":
        return np.isnat(column)
    return np.isnan(column) if column.dtype.kind == "f" else np.zeros(len(column), dtype=bool)

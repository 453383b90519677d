"""From arrays to fitted inputs, fitted outputs and encoded splits; bad data are refused here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from graftwork.errors import InputError
from graftwork.problem._arrays import Array, as_array
from graftwork.problem._labels import tidy_labels
from graftwork.problem._names import check_names, unknown
from graftwork.problem._weights import Weights, relative_weights, tidy_weights
from graftwork.problem.categorical import Categorical
from graftwork.problem.input import Input
from graftwork.problem.outputs import Classification, Output
from graftwork.problem.split import LEAST_SPLIT, SPLITS, Rows, Split, SplitError

AnyInput = Input | Categorical


@dataclass(frozen=True, eq=False)
class Data:
    """Arrays that passed the door, with the declarations they belong to."""

    inputs: dict[str, Array]
    nodes: dict[str, AnyInput]
    outputs: dict[str, Output]
    targets: dict[str, Array]
    rows: int
    weights: Weights | None = None


@contextmanager
def _naming(culprit: str) -> Iterator[None]:
    try:
        yield
    except InputError as error:
        raise InputError(f"{culprit}: {error}") from None


def read(
    inputs: Mapping[str, object], outputs: Mapping[str, tuple[Output, object]], weights: object = None
) -> Data:
    """The data, or a refusal that names the culprit."""
    for what, given in (("inputs", inputs), ("outputs", outputs)):
        if not given:
            raise InputError(f"{what}: expected one or more, came none")
    check_names(inputs, outputs)
    nodes = {name: _declared_input(values) for name, values in inputs.items()}
    arrays = {name: _read_input(name, node, given) for name, (node, given) in nodes.items()}
    pairs = {name: _read_output(name, declared) for name, declared in outputs.items()}
    targets = {name: target for name, (_, target) in pairs.items()}
    declared = {name: output for name, (output, _) in pairs.items()}
    shaped = {name: _shaped(node, arrays[name]) for name, (node, _) in nodes.items()}
    rows = _common_rows(arrays, targets)
    with _naming("weights"):
        counted = None if weights is None else tidy_weights(weights, rows)
    return Data(arrays, shaped, declared, targets, rows, counted)


def weigh(data: Data, train: Rows) -> Data:
    """The same with weights whose mean over training rows is 1, if it has any."""
    if data.weights is None:
        return data
    with _naming("weights"):
        return replace(data, weights=relative_weights(data.weights, train))


def encode_inputs(inputs: Mapping[str, AnyInput], arrays: Mapping[str, object]) -> dict[str, Tensor]:
    """New rows of every input, encoded."""
    for name in arrays:
        if name not in inputs:
            raise unknown("input", name, inputs)
    for name in inputs:
        if name not in arrays:
            raise InputError(f"input {name!r} is missing; give an array of its rows")
    tidied = {name: _read_input(name, node, arrays[name]) for name, node in inputs.items()}
    _common_rows(tidied, {})
    encoded = {}
    for name, node in inputs.items():
        with _naming(f"input {name!r}"):
            encoded[name] = node.encode(tidied[name])
    return encoded


def _declared_input(values: object) -> tuple[AnyInput, object]:
    match values:
        case (Categorical() as node, given):
            return node, given
    return Input(()), values


def _shaped(node: AnyInput, rows: Array) -> AnyInput:
    return Input(tuple(rows.shape[1:])) if isinstance(node, Input) else node


def _read_input(name: str, node: AnyInput, values: object) -> Array:
    with _naming(f"input {name!r}"):
        return node.tidy(as_array(values))


def _read_output(name: str, declared: object) -> tuple[Output, Array]:
    with _naming(f"output {name!r}"):
        match declared:
            case (Output() as output, values):
                return output, output.tidy(as_array(values))
        raise InputError(
            f"expected a pair such as (Classification(), labels), came {type(declared).__name__}"
        )


def _common_rows(inputs: Mapping[str, Array], targets: Mapping[str, Array]) -> int:
    named = [(f"input {name!r}", len(array)) for name, array in inputs.items()]
    named += [(f"output {name!r}", len(array)) for name, array in targets.items()]
    first, rows = named[0]
    for other, count in named:
        if count != rows:
            raise InputError(
                f"{first} has {rows} rows but {other} has {count}; give every array the same rows"
            )
    return rows


def strata(data: Data) -> Rows:
    """Class of each row by the first classification output, one class where there is none."""
    for name, output in data.outputs.items():
        if isinstance(output, Classification):
            labels, present = tidy_labels(data.targets[name])
            codes = np.unique(labels, return_inverse=True)[1]
            return np.where(present, codes, -1).astype(np.int64)
    return np.zeros(data.rows, dtype=np.int64)


def check_splits(splits: Mapping[str, Rows], total: int) -> None:
    """Refuse splits that are missing, too small, out of range or that share a row."""
    if set(splits) != set(SPLITS):
        raise InputError(f"splits: expected {', '.join(SPLITS)}; came {', '.join(splits) or 'none'}")
    uses = np.zeros(total, dtype=np.int64)
    for name in SPLITS:
        rows = splits[name]
        if len(rows) < LEAST_SPLIT:
            raise InputError(f"split {name!r} holds {len(rows)} of {total} rows; expected two or more")
        if rows.min() < 0 or rows.max() >= total:
            raise InputError(
                f"split {name!r}: expected rows 0 to {total - 1}, came {rows.min()} to {rows.max()}"
            )
        uses += np.bincount(rows, minlength=total)
    if uses.max() > 1:
        raise InputError(
            f"row {uses.argmax()} occurs in the splits {uses.max()} times; they must not overlap"
        )


def fit_inputs(data: Data, train: Rows) -> dict[str, AnyInput]:
    """Every input fitted to its training rows, all of which count alike."""
    fitted = {}
    for name, node in data.nodes.items():
        with _naming(f"input {name!r}"):
            fitted[name] = node.fitted(data.inputs[name][train])
    return fitted


def fit_outputs(data: Data, train: Rows) -> dict[str, Output]:
    """Every output fitted to its training rows, which count as their weights say."""
    weights = None if data.weights is None else data.weights[train]
    fitted = {}
    for name, output in data.outputs.items():
        with _naming(f"output {name!r}"):
            fitted[name] = output.fitted(data.targets[name][train], weights)
    return fitted


def encode_split(
    name: str, rows: Rows, data: Data, inputs: Mapping[str, AnyInput], outputs: Mapping[str, Output]
) -> Split:
    """The encoded rows of one split."""
    encoded, targets = {}, {}
    weights = None if data.weights is None else torch.from_numpy(data.weights[rows]).float()
    for key, node in inputs.items():
        with _naming(f"input {key!r}, split {name!r}"):
            encoded[key] = node.encode(data.inputs[key][rows])
    for key, output in outputs.items():
        with _naming(f"output {key!r}, split {name!r}"):
            target = output.encode(data.targets[key][rows])
            present = output.present(target)
        if present.sum() < 2:
            raise SplitError(
                f"output {key!r}, split {name!r}: expected two rows or more whose target is not missing, "
                f"came {int(present.sum())}"
            )
        if weights is not None and (present & (weights > 0)).sum() < 2:
            raise SplitError(
                f"output {key!r}, split {name!r}: expected two rows or more whose target is there and whose "
                "weight is not 0"
            )
        targets[key] = _shared(target, encoded)
    return Split(encoded, targets, weights)


def _shared(target: Tensor, inputs: Mapping[str, Tensor]) -> Tensor:
    """The input that holds the same numbers, if any: images in and out need not take their memory twice."""
    for rows in inputs.values():
        if rows.dtype == target.dtype and torch.equal(rows, target):
            return rows
    return target

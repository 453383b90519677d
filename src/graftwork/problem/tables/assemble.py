"""From a table and declared outputs to the arrays of a problem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graftwork.documents import short
from graftwork.errors import InputError
from graftwork.problem._arrays import Array
from graftwork.problem._labels import tidy_labels
from graftwork.problem._weights import WANTED
from graftwork.problem.categorical import Categorical
from graftwork.problem.outputs import Output
from graftwork.problem.split import LEAST_SPLIT, Rows, grouped_rows, stratified_rows
from graftwork.problem.tables.column import Column, read_column
from graftwork.problem.tables.encoding import Categories, Embedded, Numbers, pick
from graftwork.problem.tables.frame import Frame
from graftwork.problem.tables.names import free_name, identifier
from graftwork.problem.tables.plan import Declared, Plan, TableOptions
from graftwork.problem.tables.rows import RowCode
from graftwork.problem.tables.table import Table
from graftwork.problem.tables.targets import known_classes, target_of
from graftwork.problem.tables.usefulness import LEAST_ROWS, MOST_ONE_HOT, copies, is_useful


@dataclass(frozen=True, eq=False)
class Arrays:
    """What a problem is made of."""

    inputs: dict[str, Any]
    outputs: dict[str, tuple[Output, Array]]
    rows: dict[str, Rows]
    table: Table
    weights: Array | None = None


def arrays_of(
    frame: Frame, outputs: Mapping[str, Declared], options: TableOptions, images: Mapping[str, Array]
) -> Arrays:
    """Inputs, targets and splits of a table, and of images that stand for some of its columns.

    Raises:
        InputError: The table cannot be a problem; the message names row and column.
    """
    if not outputs:
        raise InputError("outputs: expected one or more, came none")
    if frame.rows < LEAST_ROWS:
        raise InputError(
            f"the table has {frame.rows} rows; expected {LEAST_ROWS} or more, of which some are held out"
        )
    plan = Plan(frame, outputs, options, images)
    columns = plan.columns
    targets = {name: target_of(columns, frame, name, *pair) for name, pair in plan.targets.items()}
    weights = None if options.weights is None else _weights(frame, options.weights)
    rows = _splits(frame, columns, targets, options)
    train = np.sort(rows["train"])
    notes: list[str] = []
    useful = [
        name
        for name in plan.inputs
        if is_useful(columns[name], train, notes, chosen=options.inputs is not None)
    ]
    if not useful and not plan.images:
        raise InputError("no column is left for the inputs; " + ("; ".join(notes) or "all are targets"))
    told = copies(columns, useful, plan.targets)
    if told and not options.copies:
        raise InputError(told[0])
    notes += told
    table = _fitted(columns, useful, plan, train, notes)
    encoded: dict[str, Any] = table.encode(columns)
    for name in table.embedded:
        encoded[name] = (Categorical(), encoded[name])
    taken = {*encoded, *map(identifier, plan.order)}
    encoded |= {free_name(identifier(name), taken): array for name, array in plan.images.items()}
    answers: dict[str, tuple[Output, Array]] = {}
    for key in plan.order:
        name, output = identifier(key), plan.declared[key]
        if key in targets:
            answers[name] = (output, known_classes(name, output, targets[key], rows, notes))
        elif (pictured := plan.pictured[key]) is not None:
            answers[name] = (output, images[pictured])
        else:
            answers[name] = (output, table.rows[name].encode(columns))
    return Arrays(encoded, answers, rows, table.noting(notes), weights)


def _splits(
    frame: Frame, columns: Mapping[str, Column], targets: Mapping[str, Array], options: TableOptions
) -> dict[str, Rows]:
    if options.group is not None:
        return grouped_rows(_groups(frame, options.group), options.seed, options.fractions)
    strata = np.zeros(frame.rows, dtype=np.int64)
    first = next((target for target in targets.values() if target.ndim == 1), None)
    if first is not None:
        labels, present = tidy_labels(first)
        strata = np.where(present, np.unique(labels, return_inverse=True)[1], -1).astype(np.int64)
    rows = stratified_rows(strata, options.seed, options.fractions)
    if min(map(len, rows.values())) < LEAST_SPLIT:
        # Classes of a few rows each deal hardly one to the test split.
        rows = stratified_rows(np.zeros_like(strata), options.seed, options.fractions)
    return rows


def _groups(frame: Frame, name: str) -> Array:
    """Group of each row; a row without one is its own."""
    groups = read_column(frame, name, "category").values.tolist()
    return np.array([f"={group}" if group else f"row {row}" for row, group in enumerate(groups)])


def _weights(frame: Frame, name: str) -> Array:
    """Weight of each row; refused by its place where it is none."""
    weights = read_column(frame, name, "number").values
    bad = ~(weights >= 0)
    if bad.any():
        row = int(bad.argmax())
        came = "missing" if np.isnan(weights[row]) else str(weights[row])
        raise InputError(f"{frame.place(row, name)} is {came}, as a weight; {WANTED}")
    return weights


def _fitted(
    columns: Mapping[str, Column], useful: Sequence[str], plan: Plan, train: Array, notes: list[str]
) -> Table:
    taken = {identifier(key) for key in plan.order}
    numeric = [name for name in useful if columns[name].kind != "category"]
    frequent = {name: Embedded.fit(columns[name], train) for name in useful if name not in numeric}
    one_hot = [name for name, part in frequent.items() if len(part.frequent) <= MOST_ONE_HOT]
    embedded = {}
    for name, part in frequent.items():
        if name not in one_hot:
            embedded[free_name(identifier(name), taken)] = part
    read = dict.fromkeys([*useful, *(n for _, names in plan.targets.values() for n in names)])
    generated = {}
    for key, names in plan.generated.items():
        if len(names) < 1:
            raise InputError(f"output {short(key)}: no column can be generated")
        generated[identifier(key)] = RowCode.fit(columns, names, _complete(columns, names, train, key))
        left = [name for name in plan.columns if name not in names]
        notes.extend(
            [
                f"output {short(key)} generates {len(names)} columns"
                + (f", not {', '.join(map(short, left[:10]))}" if left else "")
            ]
        )
        read |= dict.fromkeys(names)
    return Table(
        kinds={name: columns[name].kind for name in read},
        numbers={free_name("numbers", taken): Numbers.fit(pick(columns, numeric), train)} if numeric else {},
        categories={free_name("categories", taken): Categories.fit(pick(columns, one_hot), train)}
        if one_hot
        else {},
        embedded=embedded,
        targets={identifier(key): tuple(names) for key, (_, names) in plan.targets.items()},
        rows=generated,
    )


def _complete(columns: Mapping[str, Column], names: Sequence[str], train: Array, key: str) -> Array:
    """The training rows without a gap in any of the columns."""
    gaps = np.any([columns[name].missing[train] for name in names], axis=0)
    if (~gaps).sum() < 2:
        raise InputError(f"output {short(key)}: hardly a training row has a value in each of its columns")
    return np.asarray(train[~gaps])

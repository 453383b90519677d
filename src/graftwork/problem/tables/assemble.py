"""From a table and declared outputs to the arrays of a problem."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graftwork.documents import short
from graftwork.errors import InputError
from graftwork.problem._arrays import Array
from graftwork.problem._labels import tidy_labels
from graftwork.problem.categorical import Categorical
from graftwork.problem.outputs import Classification, Generation, Output, Regression
from graftwork.problem.split import Rows, grouped_rows, stratified_rows
from graftwork.problem.tables.column import KINDS, Column, ColumnKind, read_column
from graftwork.problem.tables.encoding import Categories, Embedded, Numbers, pick
from graftwork.problem.tables.frame import Frame
from graftwork.problem.tables.rows import RowCode
from graftwork.problem.tables.table import Table

Declared = Output | tuple[Output, Sequence[str]]
LEAST_ROWS = 10
# More frequent categories than these go to an embedding.
_MOST_ONE_HOT = 20
# Text that is another in more than half of the rows names rows and tells nothing of others.
_IDENTIFIER_SHARE = 0.5
_MOST_GAPS = 0.5
_RARE_CLASS = 0.05


@dataclass(frozen=True)
class TableOptions:
    """How a table is read.

    Attributes:
        inputs: Columns that are inputs; all that are no targets unless told.
        kinds: Kinds of columns by name, where the guess would be wrong.
        leave_out: Columns that are not read.
        group: A column whose equal values keep rows in one split; never an input.
        seed: Seed of the split.
        fractions: Shares of training, validation and test rows.
    """

    inputs: Sequence[str] | None = None
    kinds: Mapping[str, ColumnKind] = field(default_factory=dict)
    leave_out: Collection[str] = ()
    group: str | None = None
    seed: int = 0
    fractions: Sequence[float] = (0.6, 0.2, 0.2)


@dataclass(frozen=True, eq=False)
class Arrays:
    """What a problem is made of."""

    inputs: dict[str, Any]
    outputs: dict[str, tuple[Output, Array]]
    rows: dict[str, Rows]
    table: Table


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
    _check_names(frame, options)
    plan = _Plan(frame, outputs, options, images)
    columns = plan.columns
    targets = {name: _target(columns, frame, name, *pair) for name, pair in plan.targets.items()}
    rows = _splits(frame, columns, targets, options)
    train = np.sort(rows["train"])
    notes: list[str] = []
    useful = [name for name in plan.inputs if _is_useful(columns[name], train, notes)]
    if not useful and not plan.images:
        raise InputError("no column is left for the inputs; " + ("; ".join(notes) or "all are targets"))
    _refuse_copies(columns, useful, plan.targets)
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
            answers[name] = (output, _known_classes(name, output, targets[key], rows, notes))
        elif (pictured := plan.pictured[key]) is not None:
            answers[name] = (output, images[pictured])
        else:
            answers[name] = (output, table.rows[name].encode(columns))
    return Arrays(encoded, answers, rows, table.noting(notes))


def transform_notes(outputs: Mapping[str, Output]) -> list[str]:
    """A sentence for each output whose numbers are transformed."""
    curves = {name: output.curve for name, output in outputs.items() if isinstance(output, Regression)}
    return [
        f"output {name!r}: heavy-tailed, so that its signed log is learnt"
        for name, curve in curves.items()
        if curve
    ]


def identifier(name: str) -> str:
    """A column's name as that of an input or output: letters, digits and underscores.

    Example:
        >>> identifier("Body mass (g)"), identifier("2nd")
        ('Body_mass_g', 'c_2nd')
    """
    plain = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")[:90]
    # `n1` names a network, and `training` a flag of every module.
    good = plain[:1].isalpha() and not re.fullmatch(r"n[0-9]+|training", plain)
    return plain if good else f"c_{plain}"


class _Plan:
    """Which column is what."""

    def __init__(
        self,
        frame: Frame,
        outputs: Mapping[str, Declared],
        options: TableOptions,
        images: Mapping[str, Array],
    ) -> None:
        self.order = list(outputs)
        self.declared = {key: _output_of(key, value) for key, value in outputs.items()}
        _refuse_doubles(self.order)
        every = {key: _columns_of(frame, key, value) for key, value in outputs.items()}
        self.pictured = {
            key: _pictured(key, names, self.declared[key], images) for key, names in every.items()
        }
        asked = {key: names for key, names in every.items() if self.pictured[key] is None}
        self.targets = {
            key: (self.declared[key], names)
            for key, names in asked.items()
            if names is not None and not isinstance(self.declared[key], Generation)
        }
        taken = {name for _, names in self.targets.values() for name in names}
        chosen = _inputs(frame, options, taken)
        self.images = {name: images[name] for name in chosen if name in images}
        self.inputs = [name for name in chosen if name not in images]
        self.columns = self._read(frame, options, taken, asked)
        self.generated = {
            key: self._row(names, [*self.inputs, *(name for name in frame.columns if name in taken)])
            for key, names in asked.items()
            if isinstance(self.declared[key], Generation)
        }

    def _read(
        self, frame: Frame, options: TableOptions, taken: set[str], asked: Mapping[str, Sequence[str] | None]
    ) -> dict[str, Column]:
        kinds = dict(options.kinds)
        for output, names in self.targets.values():
            for name in names:
                if isinstance(output, Regression):
                    kinds.setdefault(name, "number")
        generated = [name for names in asked.values() for name in names or ()]
        read = dict.fromkeys([*self.inputs, *taken, *generated])
        return {name: read_column(frame, name, kinds.get(name)) for name in read}

    def _row(self, names: Sequence[str] | None, every: list[str]) -> list[str]:
        if names is None:
            return [name for name in every if _can_be_generated(self.columns[name])]
        for name in names:
            if not _can_be_generated(self.columns[name]):
                raise InputError(
                    f"column {short(name)} cannot be generated: it has one value only, gaps in most "
                    "rows, more than "
                    f"{_MOST_ONE_HOT} categories, or numbers the rows"
                )
        return list(names)


def _check_names(frame: Frame, options: TableOptions) -> None:
    asked = [*options.kinds, *options.leave_out, *([options.group] if options.group is not None else [])]
    for name in [*asked, *(options.inputs or ())]:
        frame.column(name)
    for name, kind in options.kinds.items():
        if kind not in KINDS:
            raise InputError(f"column {short(name)}: expected one of {', '.join(KINDS)}; came {short(kind)}")


def _output_of(key: str, declared: object) -> Output:
    match declared:
        case Output() as output:
            return output
        case (Output() as output, _):
            return output
    raise InputError(
        f"output {short(key)}: expected Classification(), Regression() or Generation(), or a pair of "
        "one and its "
        f"columns, came {type(declared).__name__}"
    )


def _columns_of(frame: Frame, key: str, declared: Declared) -> list[str] | None:
    """The columns of an output; None for a generated row of all columns."""
    if isinstance(declared, tuple):
        names = [declared[1]] if isinstance(declared[1], str) else list(declared[1])
        if not names:
            raise InputError(f"output {short(key)}: expected one column or more, came none")
        if isinstance(declared[0], Classification) and len(names) != 1:
            raise InputError(f"output {short(key)}: expected one column of classes, came {len(names)}")
    elif isinstance(declared, Generation):
        return None
    else:
        names = [key]
    for name in names:
        frame.column(name)
    return names


def _pictured(
    key: str, names: Sequence[str] | None, output: Output, images: Mapping[str, Array]
) -> str | None:
    """The column whose images an output generates, if it does."""
    found = [name for name in names or () if name in images]
    if not found:
        return None
    if not isinstance(output, Generation) or names != found[:1]:
        raise InputError(
            f"output {short(key)}: images, column {short(found[0])}, can only be generated, and alone"
        )
    return found[0]


def _refuse_doubles(keys: Sequence[str]) -> None:
    seen: dict[str, str] = {}
    for key in keys:
        name = identifier(key) if isinstance(key, str) else ""
        if name in seen:
            raise InputError(f"outputs {short(seen[name])} and {short(key)} would both be named {name!r}")
        seen[name] = key


def _inputs(frame: Frame, options: TableOptions, taken: set[str]) -> list[str]:
    if options.inputs is None:
        apart = {*taken, *options.leave_out, options.group}
        return [name for name in frame.columns if name not in apart]
    for name in options.inputs:
        if name in taken:
            raise InputError(
                f"column {short(name)} is a target and among the inputs, which would tell the answer; "
                "take it out "
                "of one of them"
            )
        if name in options.leave_out or name == options.group:
            raise InputError(f"column {short(name)} is among the inputs, and is also left out or the group")
    return list(dict.fromkeys(options.inputs))


def _target(
    columns: Mapping[str, Column], frame: Frame, key: str, output: Output, names: Sequence[str]
) -> Array:
    for name in names:
        if columns[name].missing.all():
            raise InputError(f"output {short(key)}: column {short(name)} is missing in every row")
    if isinstance(output, Classification):
        return _labels(columns[names[0]], frame)
    return np.stack([_numbers(columns[name]) for name in names], axis=1)


def _numbers(column: Column) -> Array:
    if column.kind == "category":
        raise InputError(f"column {short(column.name)}: expected numbers for a regression, came a category")
    return column.values


def _labels(column: Column, frame: Frame) -> Array:
    """Class labels as objects, None where missing."""
    missing = column.missing
    labels = np.empty(len(missing), dtype=object)
    values = column.values[~missing]
    found = len(np.unique(values.astype(str)) if column.kind == "category" else np.unique(values))
    if found > max(LEAST_ROWS, len(values) * _IDENTIFIER_SHARE):
        raise InputError(
            f"column {short(column.name)} has {found} different values in {len(values)} rows, which are "
            "no classes; "
            "is it a number (regression), or an identifier?"
        )
    if column.kind in ("number", "date"):
        broken = ~missing & (
            np.floor(np.where(missing, 0, column.values)) != np.where(missing, 0, column.values)
        )
        if broken.any():
            row = int(broken.argmax())
            raise InputError(
                f"{frame.place(row, column.name)} is {column.values[row]}; expected whole numbers or "
                "text as classes"
            )
        # -1 would be taken for a missing label.
        told: Callable[[float], object] = (lambda value: str(int(value))) if values.min() < 0 else int
    else:
        told = bool if column.kind == "boolean" else str
    for row, value in enumerate(column.values.tolist()):
        labels[row] = None if missing[row] else told(value)
    return labels


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
    return stratified_rows(strata, options.seed, options.fractions)


def _groups(frame: Frame, name: str) -> Array:
    """Group of each row; a row without one is its own."""
    groups = read_column(frame, name, "category").values.tolist()
    return np.array([f"={group}" if group else f"row {row}" for row, group in enumerate(groups)])


def _is_useful(column: Column, train: Array, notes: list[str]) -> bool:
    """Whether training rows can learn from a column; if not, a note says why."""
    values = column.values[train][~column.missing[train]]
    name = short(column.name)
    found = np.unique(values.astype(str)) if column.kind == "category" else np.unique(values)
    if len(found) == 0 or (len(found) == 1 and not column.missing[train].any()):
        held = "nothing" if not len(found) else f"one value only, {short(found[0].item())},"
        notes.append(f"column {name} holds {held} in the training rows: left out")
        return False
    if column.kind == "category" and len(found) > max(LEAST_ROWS, len(values) * _IDENTIFIER_SHARE):
        notes.append(
            f"column {name} holds {len(found)} different texts in {len(values)} training rows, like an "
            "identifier: "
            "left out"
        )
        return False
    if numbers_rows(column):
        notes.append(f"column {name} numbers the rows: left out")
        return False
    if column.kind == "category" and not Embedded.fit(column, train).frequent:
        notes.append(f"column {name} holds no category that is frequent in the training rows: left out")
        return False
    return True


def numbers_rows(column: Column) -> bool:
    """Whether a column counts the rows, in whatever order."""
    values = column.values
    if column.kind != "number" or not np.array_equal(values, np.floor(values)):
        return False
    return bool(len(values) == np.ptp(values) + 1 == len(np.unique(values)))


def _refuse_copies(
    columns: Mapping[str, Column], inputs: Iterable[str], targets: Mapping[str, tuple[Output, Sequence[str]]]
) -> None:
    for name in inputs:
        for _, names in targets.values():
            for target in names:
                if _same(columns[name], columns[target]):
                    raise InputError(
                        f"column {short(name)} holds the same values as the target {short(target)}, "
                        "which would tell "
                        "the answer; leave it out"
                    )


def _same(one: Column, other: Column) -> bool:
    if one.kind != other.kind:
        return False
    return bool(np.array_equal(one.values, other.values, equal_nan=one.kind != "category"))


def _can_be_generated(column: Column) -> bool:
    present = column.values[~column.missing]
    found = len(np.unique(present.astype(str)) if column.kind == "category" else np.unique(present))
    many = column.kind == "category" and found > _MOST_ONE_HOT
    return found > 1 and not many and column.missing.mean() <= _MOST_GAPS and not numbers_rows(column)


def _fitted(
    columns: Mapping[str, Column], useful: Sequence[str], plan: _Plan, train: Array, notes: list[str]
) -> Table:
    taken = {identifier(key) for key in plan.order}
    numeric = [name for name in useful if columns[name].kind != "category"]
    frequent = {name: Embedded.fit(columns[name], train) for name in useful if name not in numeric}
    one_hot = [name for name, part in frequent.items() if len(part.frequent) <= _MOST_ONE_HOT]
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


def free_name(name: str, taken: set[str]) -> str:
    """A name that is not taken yet, and is from now on."""
    while name in taken:
        name += "_in"
    taken.add(name)
    return name


def _known_classes(
    name: str, output: Output, target: Array, rows: Mapping[str, Rows], notes: list[str]
) -> Array:
    """A target whose classes all occur in training rows: those that do not are set missing, and said."""
    if not isinstance(output, Classification):
        return target
    train = [label for label in target[rows["train"]].tolist() if label is not None]
    known = set(train)
    if len(known) < 2:
        raise InputError(
            f"output {name!r}: expected two classes or more in the training rows, came {len(known)}"
        )
    strange = [row for row, label in enumerate(target.tolist()) if label is not None and label not in known]
    if strange:
        classes = sorted({str(target[row]) for row in strange})
        notes.append(
            f"output {name!r}: {len(strange)} rows of classes that no training row holds "
            f"({', '.join(classes[:5])}) count as missing"
        )
        target = target.copy()
        target[strange] = None
    rarest = min(train.count(label) for label in known) / len(train)
    if rarest < _RARE_CLASS / len(known) * 2:
        notes.append(
            f"output {name!r}: classes are unbalanced, the rarest is {rarest:.1%} of the training rows"
        )
    return target

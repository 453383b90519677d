"""Which column of a table is what."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from graftwork.documents import short
from graftwork.errors import InputError
from graftwork.problem._arrays import Array
from graftwork.problem.outputs import Classification, Generation, Output, Regression
from graftwork.problem.tables.column import KINDS, Column, ColumnKind, read_column
from graftwork.problem.tables.frame import Frame
from graftwork.problem.tables.names import identifier
from graftwork.problem.tables.usefulness import MOST_ONE_HOT, can_be_generated

Declared = Output | tuple[Output, Sequence[str]]


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
        weights: A column that says how much each row counts; never an input.
        copies: Whether an input may hold the values of a target; a note says so then.
    """

    inputs: Sequence[str] | None = None
    kinds: Mapping[str, ColumnKind] = field(default_factory=dict)
    leave_out: Collection[str] = ()
    group: str | None = None
    seed: int = 0
    fractions: Sequence[float] = (0.6, 0.2, 0.2)
    weights: str | None = None
    copies: bool = False


class Plan:
    """Which column is what."""

    def __init__(
        self,
        frame: Frame,
        outputs: Mapping[str, Declared],
        options: TableOptions,
        images: Mapping[str, Array],
    ) -> None:
        _check_names(frame, options)
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
        _refuse_asked_weights(options, [name for names in every.values() for name in names or ()])
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
            return [name for name in every if can_be_generated(self.columns[name])]
        for name in names:
            if not can_be_generated(self.columns[name]):
                raise InputError(
                    f"column {short(name)} cannot be generated: it has one value only, gaps in most "
                    "rows, more than "
                    f"{MOST_ONE_HOT} categories, or numbers the rows"
                )
        return list(names)


def _check_names(frame: Frame, options: TableOptions) -> None:
    single = [name for name in (options.group, options.weights) if name is not None]
    asked = [*options.kinds, *options.leave_out, *single]
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


def _refuse_asked_weights(options: TableOptions, asked: Sequence[str]) -> None:
    name = options.weights
    if name is not None and (name in asked or name in options.leave_out or name == options.group):
        raise InputError(
            f"column {short(name)} holds the weights of rows, and is also asked for, left out or the group"
        )


def _inputs(frame: Frame, options: TableOptions, taken: set[str]) -> list[str]:
    if options.inputs is None:
        apart = {*taken, *options.leave_out, options.group, options.weights}
        return [name for name in frame.columns if name not in apart]
    for name in options.inputs:
        if name in taken:
            raise InputError(
                f"column {short(name)} is a target and among the inputs, which would tell the answer; "
                "take it out "
                "of one of them"
            )
        if name in options.leave_out or name in (options.group, options.weights):
            raise InputError(
                f"column {short(name)} is among the inputs, and is also left out, the group or the weights"
            )
    return list(dict.fromkeys(options.inputs))

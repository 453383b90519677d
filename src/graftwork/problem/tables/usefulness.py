"""Which columns are of use, as inputs and to be generated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from graftwork.documents import short
from graftwork.problem._arrays import Array
from graftwork.problem.outputs import Output
from graftwork.problem.tables.column import Column
from graftwork.problem.tables.encoding import Embedded

LEAST_ROWS = 10
# More frequent categories than these go to an embedding, and are not generated.
MOST_ONE_HOT = 20
# Text that is another in more than half of the rows names rows and tells nothing of others.
IDENTIFIER_SHARE = 0.5
_MOST_GAPS = 0.5


def is_useful(column: Column, train: Array, notes: list[str], *, chosen: bool = False) -> bool:
    """Whether training rows can learn from a column; if not, a note says why.

    A number that counts the rows is of use where it was chosen as an input by its name.
    """
    values = column.values[train][~column.missing[train]]
    name = short(column.name)
    found = np.unique(values.astype(str)) if column.kind == "category" else np.unique(values)
    if len(found) == 0 or (len(found) == 1 and not column.missing[train].any()):
        held = "nothing" if not len(found) else f"one value only, {short(found[0].item())},"
        notes.append(f"column {name} holds {held} in the training rows: left out")
        return False
    if column.kind == "category" and len(found) > max(LEAST_ROWS, len(values) * IDENTIFIER_SHARE):
        notes.append(
            f"column {name} holds {len(found)} different texts in {len(values)} training rows, like an "
            "identifier: "
            "left out"
        )
        return False
    if not chosen and numbers_rows(column):
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


def can_be_generated(column: Column) -> bool:
    """Whether new values of a column can be drawn with those of others."""
    present = column.values[~column.missing]
    found = len(np.unique(present.astype(str)) if column.kind == "category" else np.unique(present))
    many = column.kind == "category" and found > MOST_ONE_HOT
    return found > 1 and not many and column.missing.mean() <= _MOST_GAPS and not numbers_rows(column)


def copies(
    columns: Mapping[str, Column], inputs: Iterable[str], targets: Mapping[str, tuple[Output, Sequence[str]]]
) -> list[str]:
    """A sentence for each input that holds the values of a target."""
    return [
        f"column {short(name)} holds the same values as the target {short(target)}, which would tell the "
        "answer; leave it out"
        for name in inputs
        for _, names in targets.values()
        for target in names
        if _same(columns[name], columns[target])
    ]


def _same(one: Column, other: Column) -> bool:
    if one.kind != other.kind:
        return False
    return bool(np.array_equal(one.values, other.values, equal_nan=one.kind != "category"))

"""Splits of rows into training, validation and test."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from graftwork.errors import InputError
from graftwork.problem._random import generator

SPLITS = ("train", "validation", "test")
LEAST_SPLIT = 2  # rows
Rows = npt.NDArray[np.int64]


class SplitError(InputError):
    """A split whose rows are too few or too alike to learn or to judge an output by; another may do."""


@dataclass(frozen=True, eq=False)
class Split:
    """Rows of one split, encoded.

    Attributes:
        inputs: Standardised rows (rows, width) by input, float32 unless converted.
        targets: Encoded targets by output: class codes (rows,) as int64, or rows (rows, width) like those of
            inputs.
        weights: How much each row counts, (rows,), 1 on average over training rows; None where all count
            alike.
    """

    inputs: Mapping[str, Tensor]
    targets: Mapping[str, Tensor]
    weights: Tensor | None = None

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(next(iter(self.inputs.values())))

    def to(self, where: torch.device | torch.dtype) -> Self:
        """The same rows on a device, or in another precision; the split itself where they are so already.

        Class codes stay integers.
        """
        # By identity: images that go in and come out are one tensor, and stay one.
        before = {id(values): values for group in (self.inputs, self.targets) for values in group.values()}
        if self.weights is not None:
            before[id(self.weights)] = self.weights
        after = {key: _moved(values, where) for key, values in before.items()}
        if all(after[key] is values for key, values in before.items()):
            return self
        inputs = {name: after[id(values)] for name, values in self.inputs.items()}
        targets = {name: after[id(values)] for name, values in self.targets.items()}
        return type(self)(inputs, targets, after.get(id(self.weights)))

    def first(self, rows: int) -> Self:
        """Its first rows, or all; training and validation rows are shuffled, so that these are a sample.

        Rows of weight 0 are passed over, which would tell nothing.
        """
        if rows >= self.rows:
            return self
        picked: slice | Tensor = slice(rows)
        if self.weights is not None:
            picked = self.weights.nonzero()[:rows, 0]
        inputs = {name: values[picked] for name, values in self.inputs.items()}
        targets = {name: values[picked] for name, values in self.targets.items()}
        return type(self)(inputs, targets, None if self.weights is None else self.weights[picked])


def _moved(values: Tensor, where: torch.device | torch.dtype) -> Tensor:
    integers = isinstance(where, torch.dtype) and not values.is_floating_point()
    return values if integers else values.to(where)


def check_fractions(fractions: Sequence[float]) -> None:
    """Refuse anything but three positive shares that sum to 1."""
    good = len(fractions) == 3 and all(math.isfinite(share) and share > 0 for share in fractions)
    if not good or abs(sum(fractions) - 1) > 1e-6:
        raise InputError(
            f"fractions: expected three positive shares (train, validation, test) that sum to 1, "
            f"came {fractions}"
        )


def stratified_rows(strata: npt.NDArray[np.int64], seed: int, fractions: Sequence[float]) -> dict[str, Rows]:
    """Rows of each split, shuffled, in about the same shares of every stratum.

    A stratum's first row goes to training, so that no class is met for the first time when it is judged.

    Args:
        strata: Stratum of each row, (rows,).
        seed: Seed of the shuffle.
        fractions: Shares of training, validation and test rows.
    """
    check_fractions(fractions)
    random = generator("split", seed)
    order = random.permutation(len(strata))
    order = order[np.argsort(strata[order], kind="stable")]
    bounds = np.flatnonzero(np.diff(strata[order])) + 1
    parts = [_deal(block, fractions) for block in np.split(order, bounds)]
    joined = {name: np.concatenate([part[name] for part in parts]) for name in SPLITS}
    return {name: random.permutation(rows).astype(np.int64) for name, rows in joined.items()}


def grouped_rows(groups: npt.NDArray[Any], seed: int, fractions: Sequence[float]) -> dict[str, Rows]:
    """Rows of each split, shuffled, so that rows of one group lie in one split.

    Groups are dealt in the order of a shuffle, each to the split that lacks the most rows for its share.

    Args:
        groups: Name of each row's group, (rows,).
        seed: Seed of the shuffle.
        fractions: Shares of training, validation and test rows.

    Raises:
        InputError: Fewer than three groups.

    Example:
        >>> rows = grouped_rows(np.array(["a", "b", "a", "c", "c", "a"]), 0, (0.6, 0.2, 0.2))
        >>> sorted(sorted(split.tolist()) for split in rows.values())
        [[0, 2, 5], [1], [3, 4]]
    """
    check_fractions(fractions)
    names, codes, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    if len(names) < len(SPLITS):
        raise InputError(f"groups: expected three or more, one a split, came {len(names)}")
    random = generator("split", seed)
    lacking = np.array(fractions) * len(groups)
    home = np.empty(len(names), dtype=np.int64)
    order = random.permutation(len(names))
    for place, group in enumerate(order):
        empty = [split for split in range(len(SPLITS)) if not (home[order[:place]] == split).any()]
        # The last groups go where there is none yet.
        forced = len(empty) >= len(names) - place
        home[group] = empty[0] if forced else int(lacking.argmax())
        lacking[home[group]] -= sizes[group]
    splits = home[codes]
    return {
        name: random.permutation(np.flatnonzero(splits == place)).astype(np.int64)
        for place, name in enumerate(SPLITS)
    }


def _deal(rows: Rows, fractions: Sequence[float]) -> dict[str, Rows]:
    train, validation, test = fractions
    to_train = _every(len(rows), train)
    rest = rows[~to_train]
    to_validation = _every(len(rest), validation / (validation + test))
    return {"train": rows[to_train], "validation": rest[to_validation], "test": rest[~to_validation]}


def _every(rows: int, share: float) -> npt.NDArray[np.bool_]:
    """Marks spread evenly over the rows, the first among them."""
    # round: 0.6 * 5 must count as 3 although it may be 3.0000000000000004.
    return np.diff(np.ceil(np.round(np.arange(rows + 1) * share, 9))) > 0

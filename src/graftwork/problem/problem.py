"""A problem: named inputs, named outputs and data in three splits."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from graftwork.errors import InputError
from graftwork.problem import _assemble
from graftwork.problem._arrays import Array
from graftwork.problem._fingerprint import fingerprint
from graftwork.problem._names import check_problem_name, unknown
from graftwork.problem._scoring import check_baseline, check_prediction, score_errors
from graftwork.problem._threads import single_thread
from graftwork.problem.categorical import Categorical
from graftwork.problem.input import Input
from graftwork.problem.interface import Interface, condition_rows, image_folder
from graftwork.problem.outputs import Output
from graftwork.problem.score import Score
from graftwork.problem.split import SPLITS, Rows, Split, stratified_rows
from graftwork.problem.tables import (
    ColumnKind,
    Declared,
    Table,
    TableOptions,
    arrays_of,
    as_frame,
    transform_notes,
)


@dataclass(frozen=True, eq=False)
class Problem:
    """What is asked: inputs, outputs and data.

    Everything fitted (standardisation, classes, trivial baselines) is fitted on training rows only.

    Attributes:
        name: Name of the problem.
        inputs: Inputs by name.
        outputs: Fitted outputs by name.
        train: Rows that train.
        validation: Rows that decide.
        test: Rows that are scored once, at the end.
        loader: What loads a bundled problem by its name; None for a user's own.
        table: How rows of a table become inputs, where the problem was made of one.
        source: Description of the files that it was read from, by which `load_problem` reads it again.

    Example:
        >>> from graftwork.problem import Regression
        >>> x = np.arange(20.0)
        >>> problem = Problem.from_arrays(
        ...     "line", inputs={"x": x}, outputs={"y": (Regression(), 3 * x)}
        ... )
        >>> problem.train.rows, problem.validation.rows, problem.outputs["y"].width
        (12, 4, 1)
        >>> problem.score("y", problem.validation.targets["y"], "validation").skill
        1.0
    """

    name: str
    inputs: Mapping[str, Input | Categorical]
    outputs: Mapping[str, Output]
    train: Split = field(repr=False)
    validation: Split = field(repr=False)
    test: Split = field(repr=False)
    loader: Callable[[str], Problem] | None = field(default=None, repr=False)
    table: Table | None = field(default=None, repr=False)
    source: str | None = field(default=None, repr=False)
    _baselines: dict[tuple[str, str], dict[str, float]] = field(default_factory=dict, repr=False)

    @classmethod
    def from_arrays(
        cls,
        name: str,
        *,
        inputs: Mapping[str, object],
        outputs: Mapping[str, tuple[Output, object]],
        weights: object = None,
        seed: int = 0,
        fractions: Sequence[float] = (0.6, 0.2, 0.2),
    ) -> Self:
        """A problem of arrays, split by seed and, where there is one, stratified by the first classification.

        Args:
            name: Name of the problem.
            inputs: Arrays (rows,) or (rows, *shape) of finite numbers by name, rows of three dimensions being
                images (channels, height, width); or a pair of `Categorical()` and labels (rows,), integers
                or text.
            outputs: Pairs of a declared output and its target (rows,) or (rows, *shape), by name. Where a
                target is missing: -1 or None for a class, NaN or None for numbers.
            weights: How much each row counts in losses and scores, (rows,) of finite numbers that are not
                negative; only their ratios matter. All count alike unless told.
            seed: Seed of the split.
            fractions: Shares of training, validation and test rows.

        Raises:
            InputError: The data cannot be a problem; the message names the culprit.
        """
        data = _assemble.read(inputs, outputs, weights)
        return cls._of(name, data, stratified_rows(_assemble.strata(data), seed, fractions))

    @classmethod
    def from_split(
        cls,
        name: str,
        *,
        inputs: Mapping[str, object],
        outputs: Mapping[str, tuple[Output, object]],
        rows: Mapping[str, Sequence[int] | np.ndarray[Any, Any]],
        weights: object = None,
    ) -> Self:
        """A problem of arrays whose splits are given, such as an official test split.

        Args:
            name: Name of the problem.
            inputs: As in `from_arrays`.
            outputs: As in `from_arrays`.
            rows: Row numbers of `train`, `validation` and `test`.
            weights: As in `from_arrays`.

        Raises:
            InputError: The data cannot be a problem; the message names the culprit.
        """
        data = _assemble.read(inputs, outputs, weights)
        splits = {split: np.asarray(numbers, dtype=np.int64) for split, numbers in rows.items()}
        return cls._of(name, data, splits)

    @classmethod
    def from_frame(
        cls,
        frame: object,
        outputs: Mapping[str, Declared],
        *,
        name: str = "table",
        inputs: Sequence[str] | None = None,
        kinds: Mapping[str, ColumnKind] | None = None,
        leave_out: Sequence[str] = (),
        group: str | None = None,
        weights: str | None = None,
        seed: int = 0,
        fractions: Sequence[float] = (0.6, 0.2, 0.2),
    ) -> Self:
        """A problem of a table, whose columns are made numbers by what its training rows say.

        `docs/data.md` tells what becomes of each kind of column. What was guessed, left out or changed stands
        in `problem.table.notes`; a warning is given where a column is left out.

        Args:
            frame: A pandas or polars frame, an Arrow table, or a mapping of columns.
            outputs: Declared outputs. The key is the column of a classification or regression; a pair
                names others: `(Regression(), ["length", "width"])`. `Generation()` generates rows of all
                columns, inputs and targets, or of those that a pair names.
            name: Name of the problem.
            inputs: Columns that are inputs; all that are no target unless told.
            kinds: `number`, `boolean`, `date` or `category` by column, where the guess would be wrong.
            leave_out: Columns that are not read.
            group: A column whose equal values keep rows in one split; no input.
            weights: A column of numbers that say how much each row counts in losses and scores; no input.
            seed: Seed of the split.
            fractions: Shares of training, validation and test rows.

        Raises:
            InputError: The table cannot be a problem; the message names row and column.

        Example:
            >>> from graftwork.problem import Classification, Generation
            >>> frame = {"size": [float(i % 7) for i in range(60)], "kind": ["a", "b", "b"] * 20}
            >>> problem = Problem.from_frame(frame, {"kind": Classification(), "row": Generation()})
            >>> list(problem.inputs), problem.outputs["row"].width
            (['numbers'], 3)
        """
        options = TableOptions(inputs, kinds or {}, leave_out, group, seed, fractions, weights)
        problem = cls.from_options(name, frame, outputs, options)
        for note in problem.table.notes if problem.table else ():
            if note.endswith("left out"):
                warnings.warn(note, stacklevel=2)
        return problem

    @classmethod
    def from_options(
        cls,
        name: str,
        frame: object,
        outputs: Mapping[str, Declared],
        options: TableOptions,
        images: Mapping[str, Array] | None = None,
    ) -> Self:
        """As `from_frame`, with its options in one value, and without warnings.

        Args:
            name: Name of the problem.
            frame: As in `from_frame`.
            outputs: As in `from_frame`.
            options: How the table is read.
            images: Arrays (rows, channels, height, width) that stand for columns of the table.
        """
        check_problem_name(name)
        arrays = arrays_of(as_frame(frame), outputs, options, images or {})
        problem = cls.from_split(
            name, inputs=arrays.inputs, outputs=arrays.outputs, rows=arrays.rows, weights=arrays.weights
        )
        return replace(problem, table=arrays.table.noting(transform_notes(problem.outputs)))

    @classmethod
    @single_thread()
    def _of(cls, name: str, data: _assemble.Data, rows: Mapping[str, Rows]) -> Self:
        check_problem_name(name)
        _assemble.check_splits(rows, data.rows)
        data = _assemble.weigh(data, rows["train"])
        inputs = _assemble.fit_inputs(data, rows["train"])
        outputs = _assemble.fit_outputs(data, rows["train"])
        splits = {key: _assemble.encode_split(key, rows[key], data, inputs, outputs) for key in SPLITS}
        problem = cls(name, inputs, outputs, splits["train"], splits["validation"], splits["test"])
        for split in ("validation", "test"):
            problem.trivial_scores(split)  # refuses what leaves nothing to gain, before anything is trained
        return problem

    def split(self, name: str) -> Split:
        """The split `train`, `validation` or `test`.

        Raises:
            InputError: No such split.
        """
        splits = {"train": self.train, "validation": self.validation, "test": self.test}
        if name not in splits:
            raise unknown("split", name, SPLITS)
        return splits[name]

    def to(self, dtype: torch.dtype) -> Self:
        """The same problem with numbers of `torch.float32` or `torch.float64`; itself where they are that.

        A model in float64, `model.double()`, is trained, scored and diagnosed on rows in float64, for
        instance to tell a difference from what rounding makes of it. Searches and studies are in float32.

        Raises:
            InputError: Another type.

        Example:
            >>> import graftwork as gw
            >>> digits = gw.load_problem("digits").to(torch.float64)
            >>> model = gw.build(gw.random_architecture(digits, gw.SearchSpace.modern(), seed=0), seed=0)
            >>> trained = gw.train(model.double(), digits, budget=gw.Budget(steps=5), seed=0)
            >>> sorted(gw.evaluate(trained.model, digits)) == sorted(digits.outputs)
            True
        """
        if dtype not in (torch.float32, torch.float64):
            raise InputError(f"dtype: expected torch.float32 or torch.float64, came {dtype}")
        train, validation, test = (self.split(name).to(dtype) for name in SPLITS)
        if (train, validation, test) == (self.train, self.validation, self.test):
            return self
        return replace(self, train=train, validation=validation, test=test, loader=None, _baselines={})

    def score(self, output: str, prediction: Tensor, split: str = "validation") -> Score:
        """Errors and skill of a prediction on a split, whose rows count as their weights say.

        Args:
            output: Name of the output.
            prediction: Encoded predictions (rows, width) for the rows of the split in their order; for a
                generation output a generated sample of two or more rows.
            split: Name of the split.

        Raises:
            InputError: No such output or split, or a prediction of another shape.
            RunError: The prediction holds numbers that are not finite.
        """
        kind, held = self._output(output), self.split(split)
        target = held.targets[output]
        check_prediction(output, kind, prediction, len(target))
        errors = kind.errors(prediction, target, held.weights)
        return score_errors(kind, errors, self._baseline(output, split))

    def trivial_scores(self, split: str = "validation") -> dict[str, Score]:
        """Scores of the trivial baselines; their skill is 0 by definition."""
        baselines = {name: self._baseline(name, split) for name in self.outputs}
        return {name: score_errors(self.outputs[name], errors, errors) for name, errors in baselines.items()}

    def encode_inputs(self, arrays: Mapping[str, object]) -> dict[str, Tensor]:
        """New rows, standardised as the training rows were and of the same precision: (rows, width) by input.

        Args:
            arrays: Arrays (rows,) or (rows, *shape) of finite numbers for every input, labels for categorical
                ones.

        Raises:
            InputError: An input is missing, unknown, of another shape or not finite.
        """
        return self._precise(self.interface.encode_inputs(arrays))

    def encode_frame(self, frame: object) -> dict[str, Tensor]:
        """New rows of a table, encoded as the training rows were: (rows, width) by input.

        Args:
            frame: As in `from_frame`; columns that are no inputs are not looked at.

        Raises:
            InputError: The problem was not made of a table, a column is missing, or a value is of another
            kind.
        """
        return self._precise(self.interface.encode_frame(frame))

    @cached_property
    def interface(self) -> Interface:
        """What a model needs of the problem to answer new rows, and none of its data."""
        return Interface(self.name, self.inputs, self.outputs, self.table, image_folder(self.source))

    @property
    def conditions(self) -> Mapping[str, Tensor]:
        """Training rows (rows, width) by input, of which decoders that sample compute their conditions."""
        return condition_rows(self.train)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over names, shapes, outputs and data: what a score depends on."""
        return fingerprint(self)

    def __reduce__(self) -> tuple[Callable[..., Problem], tuple[Any, ...]]:
        """A bundled problem travels as its name: whoever receives it loads the data once."""
        if self.loader is not None:
            return self.loader, (self.name,)
        splits = (self.train, self.validation, self.test)
        return Problem, (self.name, self.inputs, self.outputs, *splits, None, self.table, self.source)

    def _output(self, name: str) -> Output:
        if name not in self.outputs:
            raise unknown("output", name, self.outputs)
        return self.outputs[name]

    def _precise(self, encoded: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return {name: rows.to(self.train.inputs[name].dtype) for name, rows in encoded.items()}

    def _baseline(self, name: str, split: str) -> dict[str, float]:
        if (name, split) not in self._baselines:
            held = self.split(split)
            baseline = self._output(name).baseline(held.targets[name], held.weights)
            check_baseline(name, split, baseline)
            self._baselines[name, split] = baseline
        return self._baselines[name, split]

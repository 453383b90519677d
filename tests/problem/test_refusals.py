"""Bad data are refused at the door, by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.problem.conftest import arrays

from graftwork.errors import InputError
from graftwork.problem import Classification, Generation, Output, Problem, Regression, SplitError


def _refused(match: str, **changes: Any) -> None:
    with pytest.raises(InputError, match=match):
        Problem.from_arrays("mixed", **{**arrays(), **changes})


def _refused_output(match: str, output: Output, target: object) -> None:
    _refused(match, outputs={"answer": (output, target)})


def test_no_inputs_or_no_outputs() -> None:
    _refused("inputs: expected one or more, came none", inputs={})
    _refused("outputs: expected one or more, came none", outputs={})


@pytest.mark.parametrize("name", ["", "1x", "a b", "a-b", "ä", 3])
def test_names_that_are_no_identifiers(name: Any) -> None:
    _refused(f"input name {name!r}", inputs={name: np.zeros(120)})
    _refused(f"output name {name!r}", outputs={name: (Regression(), np.arange(120))})


def test_names_that_collide() -> None:
    _refused("'x' names an input and an output", outputs={"x": (Regression(), np.arange(120))})
    _refused("'n12': `n` and a number names networks", inputs={"n12": np.arange(120)})
    _refused("'training': every PyTorch module has that flag", inputs={"training": np.arange(120)})


def test_unequal_rows_name_both_with_their_sizes() -> None:
    _refused(
        "input 'x' has 120 rows but output 'y' has 7",
        inputs={"x": np.arange(120)},
        outputs={"y": (Regression(), np.arange(7))},
    )


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_inputs_that_are_not_finite_name_row_and_column(value: float) -> None:
    x = np.zeros((120, 3))
    x[17, 2] = value
    _refused(rf"input 'x': row 17, column 2 is {value}", inputs={"x": x})
    _refused(r"input 'x': row 17, column \(0, 2\)", inputs={"x": x.reshape(120, 1, 3)})


def test_inputs_that_are_no_numbers() -> None:
    _refused("input 'x': expected numbers, came <U1", inputs={"x": np.array(["a"] * 120)})
    _refused("input 'x': expected numbers, .*'b'", inputs={"x": np.array([1, "b"] * 60, dtype=object)})
    _refused("input 'x': expected an array of rows, came a single float", inputs={"x": 1.0})
    _refused("input 'x': expected an array of rows of equal shape", inputs={"x": [[1.0], [1.0, 2.0]]})
    _refused("input 'x': expected at least one number a row", inputs={"x": np.zeros((120, 0))})
    _refused("input 'x': values are too large", inputs={"x": np.array([1e308, -1e308] * 60)})


@pytest.mark.parametrize(
    ("labels", "came"),
    [
        (np.linspace(0, 1, 120), r"float64 \(row 1: 0.008"),
        (np.arange(120.0) % 2, "float64"),
        (np.array([0.5, np.nan] * 60), r"float64 \(row 0: 0.5"),
        (np.array([1, "b"] * 60, dtype=object), "int 1 in row 0"),
        (np.array([1.5, None] * 60, dtype=object), "float 1.5 in row 0"),
        (np.array(["2020-01-01"] * 120, dtype="datetime64[D]"), "datetime64"),
    ],
)
def test_class_labels_that_are_neither_integers_nor_strings(labels: Any, came: str) -> None:
    _refused_output(f"output 'answer': expected integers or strings.*{came}", Classification(), labels)


def test_classes_that_do_not_suit_the_declaration() -> None:
    few = "expected two classes or more in the training rows, came"
    _refused_output(few, Classification(), np.zeros(120, dtype=int))
    _refused_output(few, Classification(), np.full(120, None))
    _refused_output(few, Classification(classes=10), np.zeros(120, dtype=int))
    _refused_output(r"expected labels 0 to 2, came \[0, 3\]", Classification(classes=3), np.arange(120) % 4)
    _refused_output("3 classes were declared.*hold 2", Classification(classes=3), np.array(["a", "b"] * 60))


def test_targets_of_wrong_shape() -> None:
    square = np.zeros((120, 2, 2))
    _refused_output(r"one label a row, came shape \(120, 2, 2\)", Classification(), square.astype(int))
    _refused_output(r"expected numbers of shape .*, came shape \(120, 2, 2\)", Regression(), square)
    _refused_output(r"\(rows, 3\), came shape \(120, 1\)", Regression(width=3), np.arange(120))
    _refused_output(r"arrays of shape \(4,\), came \(2, 2\)", Generation(shape=(4,)), square)


def test_targets_with_nothing_to_learn() -> None:
    y = np.stack([np.arange(120), np.full(120, 4)], axis=1)
    _refused_output("'answer': column 1 is 4 in every training row", Regression(), y)
    _refused_output("'answer': column 0 is 0.1 in every training row", Regression(), np.full(120, 0.1))
    _refused_output("the same in every training row", Generation(), np.ones((120, 3)))
    _refused_output("missing in every training row", Regression(), np.full(120, np.nan))
    _refused_output("missing in every training row", Generation(), np.full((120, 2), np.nan))


def test_infinite_targets_name_row_and_column() -> None:
    y = np.arange(240.0).reshape(120, 2)
    y[5, 1] = np.inf
    _refused_output("output 'answer': row 5, column 1 is inf", Regression(), y)
    _refused_output("output 'answer': row 5, column 1 is inf", Generation(), y)


@pytest.mark.parametrize("scale", ["columns", "", None])
def test_a_scale_that_is_neither(scale: Any) -> None:
    with pytest.raises(InputError, match=f"scale: expected 'column' .* or 'shared' .*, came {scale!r}"):
        Regression(scale=scale)


@pytest.mark.parametrize("beta", [-1.0, float("nan"), float("inf")])
def test_a_beta_that_is_no_weight(beta: float) -> None:
    _refused_output("beta: expected a finite number, 0 or greater", Generation(beta=beta), np.eye(120))


def test_an_output_that_is_no_pair() -> None:
    _refused("output 'y': expected a pair such as", outputs={"y": np.arange(120)})


def test_splits_without_rows_or_targets() -> None:
    with pytest.raises(InputError, match="split 'validation' holds 1 of 4 rows"):
        Problem.from_arrays("tiny", inputs={"x": np.arange(4)}, outputs={"y": (Regression(), np.arange(4))})
    y = np.arange(120.0)
    y[60:90] = np.nan
    rows: dict[str, Any] = {"train": range(60), "validation": range(60, 90), "test": range(90, 120)}
    given: dict[str, Any] = {"inputs": {"x": np.arange(120)}, "outputs": {"y": (Regression(), y)}}
    with pytest.raises(SplitError, match="output 'y', split 'validation': expected two rows or more"):
        Problem.from_split("gap", **given, rows=rows)
    with pytest.raises(InputError, match="row 59 occurs in the splits 2 times"):
        Problem.from_split("twice", **given, rows={**rows, "validation": range(59, 90)})
    with pytest.raises(InputError, match="split 'test': expected rows 0 to 119, came 90 to 120"):
        Problem.from_split("beyond", **given, rows={**rows, "test": range(90, 121)})
    with pytest.raises(InputError, match="splits: expected train, validation, test; came train"):
        Problem.from_split("none", **given, rows={"train": range(60)})


def test_splits_on_which_skill_has_no_meaning() -> None:
    labels = np.array([0, 1] * 30 + [0] * 60)
    rows: dict[str, Any] = {"train": range(60), "validation": range(60, 90), "test": range(90, 120)}
    with pytest.raises(
        SplitError, match="'y': the trivial baseline already has error_rate 0 on the split 'val"
    ):
        Problem.from_split(
            "one",
            inputs={"x": np.arange(120)},
            outputs={"y": (Classification(), labels)},
            rows=rows,
        )


def test_a_class_that_training_rows_do_not_hold() -> None:
    labels = np.array(["a", "b"] * 59 + ["c", "c"])
    rows: dict[str, Any] = {"train": range(60), "validation": range(60, 90), "test": range(90, 120)}
    with pytest.raises(
        InputError, match="output 'y', split 'test': class 'c' does not occur in the training"
    ):
        Problem.from_split(
            "rare",
            inputs={"x": np.arange(120)},
            outputs={"y": (Classification(), labels)},
            rows=rows,
        )

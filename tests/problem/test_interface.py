"""What a run keeps of a problem: read again it is the same to the bit, and damaged it is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from tests.problem.interfaces import array_problem, frame, table_problem

from graftwork.errors import InputError
from graftwork.problem import (
    Classification,
    Generation,
    ImageFolder,
    Input,
    Interface,
    Problem,
    Regression,
    Standardiser,
    load_problem,
)

PROBLEMS: dict[str, Callable[[], Problem]] = {
    "table": table_problem,
    "arrays": array_problem,
    "digits": lambda: load_problem("digits"),
}


def again(problem: Problem) -> Interface:
    return Interface.from_json(problem.interface.to_json())


@pytest.mark.parametrize("name", PROBLEMS)
def test_what_is_read_again_decodes_to_the_bit(name: str) -> None:
    problem = PROBLEMS[name]()
    read = again(problem)
    assert (read.name, list(read.inputs), list(read.outputs)) == (
        problem.name,
        list(problem.inputs),
        list(problem.outputs),
    )
    for key, output in problem.outputs.items():
        rows = torch.randn(50, output.width, generator=torch.Generator().manual_seed(0))
        found, expected = read.outputs[key].decode(rows), output.decode(rows)
        assert found.tobytes() == expected.tobytes()
        assert found.shape == expected.shape
        assert read.outputs[key] == output
    assert read.to_json() == problem.interface.to_json()


def test_new_rows_of_a_table_are_encoded_to_the_bit() -> None:
    problem = table_problem()
    rows = pd.DataFrame(frame())
    rows.loc[:3, "town"] = ["oak", "nowhere", None, "ash"]
    rows.loc[:2, "street"] = ["street 3", "unknown", None]
    rows.loc[:5, ["built"]] = pd.NaT
    read = again(problem)
    expected = problem.encode_frame(rows)
    found = read.encode_frame(rows)
    assert list(found) == list(expected)
    assert all(torch.equal(found[name], expected[name]) for name in expected)
    assert read.table == problem.table
    assert problem.table is not None
    vectors = np.random.default_rng(0).normal(size=(9, problem.outputs["flat"].width)) * 100
    pd.testing.assert_frame_equal(
        problem.table.generated("flat", vectors), read.table.generated("flat", vectors)
    )


def test_new_arrays_are_encoded_to_the_bit() -> None:
    problem, rng = array_problem(), np.random.default_rng(3)
    rows = {
        "numbers": rng.normal(size=(7, 5)) * 1000,
        "picture": rng.normal(size=(7, 3, 8, 8)),
        "site": np.array(["south", "west", "elsewhere", "north", "north", "west", ""]),
    }
    found, expected = again(problem).encode_inputs(rows), problem.encode_inputs(rows)
    assert all(torch.equal(found[name], expected[name]) for name in expected)


def test_conditions_are_the_training_rows_or_the_same_few_of_them() -> None:
    assert array_problem().conditions is array_problem().train.inputs
    x = np.arange(10_000.0)
    many = Problem.from_arrays("many", inputs={"x": x}, outputs={"y": (Regression(), x)})
    rows = many.conditions["x"]
    assert rows.shape == (4096, 1)
    assert torch.equal(rows, many.conditions["x"])
    assert set(rows.flatten().tolist()) < set(many.train.inputs["x"].flatten().tolist())
    assert len(set(rows.flatten().tolist())) == 4096


def test_the_folder_of_images_is_kept() -> None:
    problem = table_problem()
    told = Interface("a", problem.inputs, problem.outputs, problem.table, ImageFolder("photo", "/photos"))
    assert Interface.from_json(told.to_json()).images == ImageFolder("photo", "/photos")


def test_an_output_of_a_kind_of_ones_own_has_no_document() -> None:
    class Own(Classification):
        pass

    x = np.arange(30)
    problem = Problem.from_arrays("own", inputs={"x": x}, outputs={"y": (Own(), x % 3)})
    with pytest.raises(InputError, match="output 'y' is a Own, which its document does not know"):
        problem.interface.to_json()
    assert problem.interface.encode_inputs({"x": x})["x"].shape == (30, 1)


def test_a_document_of_before_there_were_limits_is_read() -> None:
    told = json.loads(table_problem().interface.to_json())
    (curved,) = [output for output in told["outputs"] if output.get("curve")]
    assert curved.pop("limits")
    read = Interface.from_json(json.dumps(told)).outputs[curved["name"]]
    assert isinstance(read, Regression)
    assert read.curve is not None
    assert read.curve.limits == ()


def test_what_is_not_fitted_has_no_document() -> None:
    problem = array_problem()
    with pytest.raises(InputError, match="not fitted"):
        Interface("a", problem.inputs, {"y": Generation(shape=(2,), beta=1.0)}).to_json()


def test_what_would_be_too_large_to_be_read_has_no_document() -> None:
    wide = np.arange(1.0, 600_001.0)
    node = Input((len(wide),), Standardiser((len(wide),), wide, wide, wide))
    with pytest.raises(InputError, match="the JSON of the interface has"):
        Interface("wide", {"x": node}, {"y": Classification().fitted(np.arange(4))}).to_json()


def changed(problem: Problem, path: str, value: object) -> str:
    """The document with another value at a place, or without it."""
    document = json.loads(problem.interface.to_json())
    *way, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    inner: Any = document
    for step in way:
        inner = inner[step]
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    return json.dumps(document)


@pytest.mark.parametrize(
    ("path", "value", "culprit"),
    [
        ("version", 2, "version: Input should be 1, got 2"),
        ("format", "other", "format"),
        ("name", "a\u2028b", "control characters"),
        ("name", "", "problem name"),
        ("more", 1, "more: Extra inputs are not permitted"),
        ("inputs", [], "expected one input or more"),
        ("inputs/0/standardiser/centre", [1.0, 2.0], "expected 4 numbers, as the shape says, came 2"),
        ("inputs/0/standardiser/centre", None, "Field required"),
        ("inputs/0/standardiser/scale", 0.0, "a scale that is not above 0"),
        ("inputs/0/standardiser/scale", "1", "got '1'"),
        ("inputs/0/standardiser/shape", [3], "as the shape says"),
        ("inputs/0/standardiser/shape", [10**6, 10**6], "a row of 1000000000000 numbers"),
        ("inputs/0/name", "n1", "names networks"),
        ("inputs/0/name", "sold", "names an input and an output"),
        ("inputs/0/name", "size", "the table does not feed its inputs: numbers, size"),
        ("outputs/0/labels", ["yes", "no"], "in their order and each once"),
        ("outputs/0/labels", ["no", "no"], "in their order and each once"),
        ("outputs/0/labels", ["no", 1], "labels"),
        ("outputs/0/labels", ["a", "b", "c"], "expected a frequency a class"),
        ("outputs/0/kind", "generation", "outputs.0.generation"),
        ("outputs/0/kind", "own", "outputs.0"),
        ("outputs/1/name", "sold", "expected one output or more, each of a name of its own"),
        ("outputs/1/curve", [-1.0], "greater than 0"),
        ("outputs/1/curve", [1.0, 1.0], "a curve of each"),
        ("outputs/1/limits", [1.0, 1.0], "a limit of each curve, or none"),
        ("outputs/1/limits", [701.0], "less than or equal to 700"),
        ("outputs/3/beta", -1.0, "greater than or equal to 0"),
        ("table/kinds/size", None, "is damaged: KeyError: 'size'"),
        ("table/kinds/size", "text", "the table: kinds.size"),
        ("table/numbers/numbers/medians", [1.0], "is damaged"),
        ("table/categories/categories/rare", [], "is damaged"),
        ("table/targets/extent", ["width"], "'extent' has other columns than the table says"),
        ("table/rows/flat/low", [], "is damaged"),
        ("table/rows/flat/numbers", ["size"], "not as wide as the table says"),
        ("table/rows/other", {}, "the table: rows.other"),
    ],
)
def test_a_damaged_document_is_refused(path: str, value: object, culprit: str) -> None:
    with pytest.raises(InputError) as refused:
        Interface.from_json(changed(table_problem(), path, value))
    assert culprit in str(refused.value)


@pytest.mark.parametrize(
    "rows",
    [
        {"other": torch.zeros(3, 1)},
        {"numbers": torch.zeros(3, 2)},
        {"numbers": torch.zeros(3, 5, dtype=torch.float64)},
        {"numbers": torch.zeros(0, 5)},
        {"numbers": torch.zeros(3, 5), "site": torch.zeros(2, 1)},
    ],
)
def test_conditions_that_do_not_fit_are_refused(rows: dict[str, torch.Tensor]) -> None:
    text = array_problem().interface.to_json()
    assert Interface.from_json(text, {"numbers": torch.zeros(3, 5)}).conditions["numbers"].shape == (3, 5)
    with pytest.raises(InputError, match="the interface"):
        Interface.from_json(text, rows)

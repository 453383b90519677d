"""Tables: every kind of column, splits, what is left out, and the way back."""

from __future__ import annotations

import contextlib
import datetime
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from graftwork.errors import InputError
from graftwork.problem import Classification, Generation, Problem, Regression, SplitError, Table, TableOptions
from graftwork.problem.sharing import read_problem, write_problem
from graftwork.problem.signed_log import SignedLog
from graftwork.problem.tables import Frame, read_column

ROWS = 100


def columns(seed: int = 0, rows: int = ROWS) -> dict[str, list[Any]]:
    """One column of each kind, with gaps."""
    random = np.random.default_rng(seed)
    size = random.normal(10, 3, rows).round(3)
    towns = [f"town {number}" for number in random.integers(0, 25, rows)]
    return {
        "size": [None if row % 9 == 0 else float(size[row]) for row in range(rows)],
        "colour": [None if row % 11 == 0 else ("red", "green")[row % 2] for row in range(rows)],
        "day": [datetime.date(2020, 1, 1) + datetime.timedelta(days=int(size[row])) for row in range(rows)],
        "open": [bool(row % 3) for row in range(rows)],
        "town": towns,
        "kind": [None if row == 5 else ("a", "b", "b")[row % 3] for row in range(rows)],
        "price": [None if row == 7 else float(np.exp(size[row] / 2)) for row in range(rows)],
    }


OUTPUTS = {"kind": Classification(), "price": Regression(transform="auto"), "row": Generation()}


@pytest.fixture(scope="module")
def problem() -> Problem:
    return Problem.from_options("table", columns(), OUTPUTS, TableOptions())


def test_every_kind_of_column_becomes_numbers(problem: Problem) -> None:
    assert problem.table is not None
    assert problem.table.kinds == {
        "size": "number",
        "colour": "category",
        "day": "date",
        "open": "boolean",
        "town": "category",
        "kind": "category",
        "price": "number",
    }
    (numbers,) = problem.table.numbers.values()
    assert numbers.names == ("size", "day", "open")
    assert numbers.gaps == (True, False, False)
    arrays = problem.table.arrays(columns())
    assert arrays["numbers"].shape == (ROWS, 4)
    days = (datetime.date(2020, 1, 1) - datetime.date(1970, 1, 1)).days
    assert arrays["numbers"][:, 1].min() >= days - 3
    assert arrays["numbers"][0].tolist()[3] == 1.0  # the gap of row 0 is told
    assert arrays["numbers"][1].tolist()[3] == 0.0
    assert arrays["numbers"][1, 2] == 1.0


def test_what_is_fitted_is_fitted_on_training_rows_only() -> None:
    given_columns = columns()
    first = Problem.from_options("table", given_columns, OUTPUTS, TableOptions())
    train = train_rows(first, given_columns)
    spoilt = {name: list(values) for name, values in given_columns.items()}
    for row in set(range(ROWS)) - train:
        spoilt["size"][row] = 1e6
        spoilt["town"][row] = "nowhere"
    again = Problem.from_options("table", spoilt, OUTPUTS, TableOptions())
    assert first.table is not None
    assert again.table is not None
    assert again.table.without_notes() == first.table.without_notes()
    for name, rows in first.train.inputs.items():
        assert torch.equal(rows, again.train.inputs[name])


def train_rows(problem: Problem, given_columns: dict[str, list[Any]]) -> set[int]:
    """Which rows train, told by a problem of row numbers with the same targets and seed."""
    numbered = given_columns | {"number": [row + 0.5 for row in range(ROWS)]}
    options = TableOptions(inputs=["number"])
    told = Problem.from_options("table", numbered, {"kind": Classification()}, options)
    node = told.inputs["numbers"]
    assert problem.train.rows == told.train.rows
    assert node.standardiser is not None  # type: ignore[union-attr]
    return {int(value) for value in node.standardiser.decode(told.train.inputs["numbers"])[:, 0]}  # type: ignore[union-attr]


def test_the_medians_are_those_of_training_rows(problem: Problem) -> None:
    train = sorted(train_rows(problem, columns()))
    present = [columns()["size"][row] for row in train if columns()["size"][row] is not None]
    assert problem.table is not None
    assert problem.table.numbers["numbers"].medians[0] == np.median(present)


def test_a_table_comes_back_from_json_and_encodes_the_same(problem: Problem) -> None:
    assert problem.table is not None
    again = Table.from_json(problem.table.to_json())
    assert again == problem.table
    unseen = columns(seed=1)
    unseen["colour"][3], unseen["size"][4], unseen["town"][5] = "never seen", None, "nowhere"
    for name, array in problem.table.arrays(unseen).items():
        other = again.arrays(unseen)[name]
        if array.dtype == object:
            assert array.tolist() == other.tolist()
        else:
            np.testing.assert_allclose(other, array, rtol=0, atol=1e-12)
    encoded = problem.encode_frame(unseen)
    assert all(rows.isfinite().all() for rows in encoded.values())


def test_what_is_no_table_is_refused(problem: Problem) -> None:
    assert problem.table is not None
    for text in ("{}", "[]", "{", problem.table.to_json().replace('"medians":[', '"medians":["x",')):
        with pytest.raises(InputError, match="the table"):
            Table.from_json(text)


def test_it_travels_whole(problem: Problem, tmp_path: Path) -> None:
    for other in (pickle.loads(pickle.dumps(problem)), written(problem, tmp_path)):
        assert other.table == problem.table
        assert other.fingerprint == problem.fingerprint
        assert other.outputs == problem.outputs


def written(problem: Problem, folder: Path) -> Problem:
    write_problem(problem, folder)
    return read_problem(folder)


def test_pandas_polars_and_mappings_agree(problem: Problem) -> None:
    for frame in (pd.DataFrame(columns()), pl.DataFrame(columns()), pd.DataFrame(columns()).convert_dtypes()):
        other = Problem.from_options("table", frame, OUTPUTS, TableOptions())
        assert other.fingerprint == problem.fingerprint


def test_the_fingerprint_tells_preprocessing_apart(problem: Problem) -> None:
    other = Problem.from_options("table", columns(), OUTPUTS, TableOptions(kinds={"open": "number"}))
    assert all(torch.equal(other.train.inputs[name], rows) for name, rows in problem.train.inputs.items())
    assert other.fingerprint != problem.fingerprint


def test_generated_rows_come_back_as_a_table(problem: Problem) -> None:
    assert problem.table is not None
    output, code = problem.outputs["row"], problem.table.rows["row"]
    target = problem.train.targets["row"]
    rows = code.frame(output.decode(target[output.present(target)]))
    assert set(rows["colour"]) == {"red", "green"}
    assert set(rows["kind"]) <= {"a", "b"}
    assert "town" not in rows  # too many to be generated
    given_columns = columns()
    keys = zip(given_columns["size"], given_columns["price"], strict=True)
    known = {(size, round(price, 3)): row for row, (size, price) in enumerate(keys) if size and price}
    told = zip(rows["size"].round(3), rows["price"].round(3), rows["colour"], rows["kind"], strict=True)
    found = [
        (known[size, price], colour, kind) for size, price, colour, kind in told if (size, price) in known
    ]
    assert len(found) > len(rows) * 0.8
    for row, colour, kind in found:
        assert (given_columns["colour"][row], given_columns["kind"][row]) == (colour, kind)
    far = code.frame(np.full((1, output.width), 1e9))
    assert far["size"][0] == code.high[code.numbers.index("size")]


def test_constant_columns_identifiers_and_row_numbers_are_left_out_and_said() -> None:
    frame = columns()
    frame["id"] = [f"id-{row}" for row in range(ROWS)]
    frame["one"] = [1] * ROWS
    frame["number"] = list(range(ROWS, 0, -1))
    frame["nothing"] = [None] * ROWS
    with pytest.warns(UserWarning, match="left out") as warned:
        found = Problem.from_frame(frame, OUTPUTS)
    assert len(warned) == 4
    assert found.table is not None
    assert not {"id", "one", "number", "nothing"} & set(found.table.inputs)
    notes = " ".join(found.table.notes)
    assert all(f"'{name}'" in notes for name in ("id", "one", "number", "nothing"))


def test_a_column_that_counts_the_rows_is_an_input_where_its_name_is_told() -> None:
    frame = columns() | {"number": list(range(ROWS))}
    found = Problem.from_options("table", frame, OUTPUTS, TableOptions(inputs=["number", "size"]))
    assert found.table is not None
    assert set(found.table.inputs) == {"number", "size"}


def test_classes_of_a_few_rows_leave_each_split_its_rows() -> None:
    frame = {"size": np.arange(12.0) ** 2, "kind": ["a", "b", "c", "d"] * 3}
    sizes = []
    for seed in range(20):
        with contextlib.suppress(SplitError):  # both rows of a split of the most frequent class
            found = Problem.from_options("table", frame, {"kind": Classification()}, TableOptions(seed=seed))
            sizes.append([found.split(name).rows for name in ("train", "validation", "test")])
    assert len(sizes) > 5
    assert all(each == [8, 2, 2] for each in sizes)


@given(st.integers(0, 10**6), st.integers(3, 30), st.integers(20, 200))
def test_a_group_never_straddles_splits(seed: int, groups: int, rows: int) -> None:
    from graftwork.problem.split import grouped_rows

    names = np.random.default_rng(seed).integers(0, groups, rows)
    names[:3] = [0, 1, 2]
    split = grouped_rows(names.astype(str), seed, (0.6, 0.2, 0.2))
    found = [set(names[numbers]) for numbers in split.values()]
    assert all(found)
    assert sum(map(len, found)) == len(set.union(*found))
    assert sorted(np.concatenate(list(split.values()))) == list(range(rows))


def test_a_group_is_no_input() -> None:
    frame = columns()
    frame["owner"] = [f"owner {row // 4}" if row < 60 else None for row in range(ROWS)]
    found = Problem.from_options("table", frame, OUTPUTS, TableOptions(group="owner"))
    assert found.table is not None
    assert "owner" not in found.table.inputs
    assert found.train.rows == pytest.approx(60, abs=4)


def test_rare_categories_share_a_number_with_unknown_ones() -> None:
    frame = columns()
    frame["breed"] = ["collie", "poodle"] * (ROWS // 2)
    for row in range(0, 20, 4):
        frame["breed"][row] = f"rare {row}"
    found = Problem.from_options("table", frame, OUTPUTS, TableOptions(inputs=["breed"]))
    assert found.table is not None
    (categories,) = found.table.categories.values()
    assert categories.levels == (("collie", "poodle", "(other)"),)
    asked = {"breed": ["collie", "rare 4", "never seen", None]}
    assert found.table.arrays(asked)["categories"].tolist() == [[1, 0, 0], [0, 0, 1], [0, 0, 1], [0, 0, 1]]


def test_many_categories_go_to_an_embedding(problem: Problem) -> None:
    random = np.random.default_rng(0)
    frame = columns(rows=600)
    frame["town"] = [f"town {number}" for number in random.integers(0, 25, 600)]
    found = Problem.from_options("table", frame, OUTPUTS, TableOptions())
    assert found.table is not None
    assert list(found.table.embedded) == ["town"]
    assert len(found.table.embedded["town"].frequent) == 25
    asked = {name: values[:2] for name, values in frame.items()} | {"town": ["town 3", "nowhere"]}
    codes = found.encode_frame(asked)["town"].flatten().tolist()
    assert codes[0] == sorted(found.table.embedded["town"].frequent).index("town 3")
    assert codes[1] == -1
    # Where training rows hold rare ones, they share a code, and so do unknown ones.
    frame["town"][::20] = [f"hamlet {row}" for row in range(30)]
    rare = Problem.from_options("table", frame, OUTPUTS, TableOptions()).encode_frame(asked)["town"]
    assert rare[1].item() >= 0


def test_classes_that_no_training_row_holds_count_as_missing() -> None:
    frame = columns()
    frame["second"] = ["x", "y"] * (ROWS // 2)
    train = train_rows(Problem.from_options("table", columns(), OUTPUTS, TableOptions()), columns())
    held_out = min(set(range(ROWS)) - train)
    frame["second"][held_out] = "unseen"
    outputs = {"kind": Classification(), "second": Classification()}
    found = Problem.from_options("table", frame, outputs, TableOptions())
    assert found.table is not None
    assert any("unseen" in note for note in found.table.notes)
    codes = torch.cat([found.split(name).targets["second"] for name in ("train", "validation", "test")])
    assert (codes == -1).sum() == 1


def test_declared_classes_need_not_all_be_in_training_rows() -> None:
    frame = columns() | {"grade": [row % 2 for row in range(ROWS)]}
    held_out = min(
        set(range(ROWS))
        - train_rows(Problem.from_options("t", columns(), OUTPUTS, TableOptions()), columns())
    )
    frame["grade"][held_out] = 4
    outputs = {"kind": Classification(), "grade": Classification(classes=5)}
    found = Problem.from_options("table", frame, outputs, TableOptions())
    assert found.outputs["grade"].width == 5
    codes = torch.cat([found.split(name).targets["grade"] for name in ("train", "validation", "test")])
    assert sorted(set(codes.tolist())) == [0, 1, 4]


def test_torch_tensors_are_arrays() -> None:
    random = np.random.default_rng(0)
    x, y = random.normal(size=(40, 3)), np.arange(40) % 2
    made = [
        Problem.from_arrays("t", inputs={"x": cast(x)}, outputs={"y": (Classification(), cast(y))})
        for cast in (np.asarray, torch.as_tensor)
    ]
    assert made[0].fingerprint == made[1].fingerprint


def test_negative_labels_are_classes() -> None:
    frame = columns() | {"sign": [(-1, 1)[row % 2] for row in range(ROWS)]}
    found = Problem.from_options("table", frame, {"sign": Classification()}, TableOptions())
    assert found.outputs["sign"].labels == ("-1", "1")  # type: ignore[attr-defined]


def test_a_heavy_tail_is_transformed_and_undone(problem: Problem) -> None:
    output = problem.outputs["price"]
    assert isinstance(output, Regression)
    assert output.curve
    prices = np.array([[price] for price in columns()["price"] if price is not None])
    np.testing.assert_allclose(output.decode(output.encode(prices)), prices, rtol=1e-4)
    assert problem.table is not None
    assert any("'price': heavy-tailed" in note for note in problem.table.notes)
    plain = Regression(transform="auto").fitted(np.random.default_rng(0).normal(size=(200, 1)))
    assert plain.curve is None


@given(st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=20), st.floats(1e-6, 1e6))
def test_the_signed_log_is_invertible(values: list[float], scale: float) -> None:
    curve = SignedLog((scale,))
    rows = np.array(values)[:, None]
    np.testing.assert_allclose(curve.undo(curve.apply(rows)), rows, rtol=1e-9, atol=1e-9 * scale)
    order = np.argsort(rows[:, 0], kind="stable")
    assert (np.diff(curve.apply(rows)[order, 0]) >= 0).all()


def test_what_is_far_beyond_all_training_rows_is_cut_at_ten_times_the_largest() -> None:
    prices = np.array([[1.0, -5.0], [10.0, 3.0], [1000.0, 40.0]])
    output = Regression(transform="signed_log").fitted(prices)
    assert output.curve
    np.testing.assert_allclose(output.decode(output.encode(prices)), prices, rtol=1e-4)
    far = output.decode(torch.tensor([[1e6, -1e6], [-1e6, 1e6]]))
    assert (np.sign(far) == [[1, -1], [-1, 1]]).all()
    scales = np.array(output.curve.scales, dtype=float)
    largest = np.array([1000.0, 40.0])
    np.testing.assert_allclose(np.abs(far), np.tile(10 * largest + 9 * scales, (2, 1)), rtol=1e-9)
    assert np.isfinite(SignedLog((1.0,)).undo(np.array([[1e9]]))).all()


def test_the_same_seed_gives_the_same_problem(problem: Problem) -> None:
    again = Problem.from_options("table", columns(), OUTPUTS, TableOptions())
    other = Problem.from_options("table", columns(), OUTPUTS, TableOptions(seed=1))
    assert again.fingerprint == problem.fingerprint != other.fingerprint


def refused(match: str, frame: object = None, outputs: Any = None, **options: Any) -> None:
    with pytest.raises(InputError, match=match):
        Problem.from_options(
            "table", columns() if frame is None else frame, outputs or OUTPUTS, TableOptions(**options)
        )


def test_a_target_is_never_an_input() -> None:
    refused("'price' is a target and among the inputs", inputs=["size", "price"])
    copied = columns() | {"copy": columns()["price"]}
    refused("'copy' holds the same values as the target 'price'", copied)
    allowed = Problem.from_options("table", copied, OUTPUTS, TableOptions(copies=True))
    assert allowed.table is not None
    assert any("'copy' holds the same values as the target 'price'" in note for note in allowed.table.notes)
    found = Problem.from_options("table", columns(), OUTPUTS, TableOptions())
    assert found.table is not None
    assert not {"kind", "price"} & set(found.table.inputs)


def test_a_number_too_far_from_training_rows_is_refused() -> None:
    problem = Problem.from_options("table", columns(), OUTPUTS, TableOptions())
    far = {name: values[:2] for name, values in columns().items()} | {"size": [1.0, 1e300]}
    with pytest.raises(InputError, match=r"input 'numbers': number 0 of a row is 1e\+300, too far"):
        problem.encode_frame(far)


def test_bad_tables_are_refused_by_row_and_column() -> None:
    refused("unknown column 'pryce'; choose one of: price", outputs={"pryce": Regression()})
    refused("column 'x' is missing in every row", columns() | {"x": [None] * ROWS}, {"x": Regression()})
    refused("came 1", columns() | {"x": ["a"] * ROWS}, {"x": Classification()})
    refused("row 3, column 'size' is 'big'", columns() | {"size": [1.0, 2.0, 3.0, "big"] * 25})
    refused("row 1, column 'size' is inf", columns() | {"size": [1.0, float("inf")] * 50})
    refused(
        "row 0, column 'size' is 'a'; expected a number",
        columns() | {"size": ["a"] * ROWS},
        {"size": Regression()},
    )
    refused(r"row 0, column 'size' is \[1\] \(list\)", columns() | {"size": [[1]] * ROWS})
    refused("'size' has 100 rows but 'short' has 1", columns() | {"short": [1]})
    refused("the table has 1 rows", {"a": [1], "b": [2]}, {"a": Regression()})
    refused("the table has no rows", {"a": [], "b": []})
    refused("the table has no columns", {})
    refused("came int", 3)
    refused("'a' occurs 2 times", pd.DataFrame([[1, 2]] * 20, columns=["a", "a"]))
    refused("expected a name of text", pd.DataFrame([[1, 2]] * 20))
    refused("no column is left for the inputs", {"a": [1, 2] * 10}, {"a": Classification()})
    refused("'size' has .* different values .* no classes", outputs={"size": Classification()})
    refused("expected whole numbers", columns() | {"h": [0.5, 1.5] * 50}, {"h": Classification()})
    refused("expected one column or more", outputs={"x": (Regression(), [])})
    refused("expected one of number", kinds={"size": "numb3r"})
    refused("unknown column 'colur'", leave_out=["colur"])
    refused("three or more", group="open", outputs={"price": Regression()})
    refused("would both be named 'a_b'", outputs={"a b": Regression(), "a_b": Regression()})


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (["1", "2.5", "-3e4"], "number"),
        (["007", "008", "010"], "category"),
        (["1_000", "2_000", "3_000"], "category"),
        (["true", "False", "TRUE"], "boolean"),
        (["2020-01-31", "2020-02-01T10:00", "2020-02-01 10:00:00Z"], "date"),
        (["yes", "no", "2"], "category"),
        (["\u0661", "\u0662", "\u0663"], "category"),
    ],
)
def test_text_is_read_by_how_it_looks(text: list[str], kind: str) -> None:
    frame = Frame({"x": np.array(text, dtype=object)}, text=True)
    assert read_column(frame, "x").kind == kind
    # In a frame of one's own text is meant to be text.
    assert read_column(Frame({"x": np.array(text, dtype=object)}), "x").kind == "category"

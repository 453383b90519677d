"""What models answer for new rows and make up, in the user's own terms."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from tests.variation.samples import small_problem

from graftwork.architecture import SearchSpace, random_architecture
from graftwork.errors import InputError, RunError
from graftwork.model import HeterogeneousModel, build, needed_inputs
from graftwork.problem import Classification, Generation, Interface, Problem, Regression
from graftwork.search import (
    SearchResult,
    answered_interface,
    answered_problem,
    load_search,
    members,
    predictions,
    samples,
)

ROWS = 120
Whole = tuple[Path, SearchResult]


def frame() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    size = rng.normal(size=ROWS)
    return {
        "size": [None if row % 17 == 0 else float(value) for row, value in enumerate(size)],
        "town": [["ash", "elm", "oak"][row % 3] for row in range(ROWS)],
        "lift": [bool(row % 2) for row in range(ROWS)],
        "built": pd.date_range("2001-01-01", periods=ROWS, freq="36h").to_numpy(),
        "rooms": [int(row % 5) for row in range(ROWS)],
        "Rent (EUR)": 1000 + 50 * np.tanh(size),
        "width": 10 + size,
        "depth": 20 - size,
        "sold": np.where(size > 0, "yes", "no").tolist(),
    }


@pytest.fixture(scope="module")
def problem() -> Problem:
    return Problem.from_frame(
        frame(),
        {
            "sold": Classification(),
            "Rent (EUR)": Regression(),
            "extent": (Regression(), ["width", "depth"]),
            "flat": Generation(),
        },
    )


def model_of(problem: Problem, seed: int) -> HeterogeneousModel:
    return build(random_architecture(problem, SearchSpace.modern(), seed=seed), seed=seed)


def new_rows(rows: range = range(20)) -> pd.DataFrame:
    columns = {name: pd.Series(values).iloc[list(rows)] for name, values in frame().items()}
    return pd.DataFrame(columns).reset_index(drop=True)


def test_they_are_what_the_model_answers_for_the_same_rows(problem: Problem) -> None:
    model, rows = model_of(problem, 0), new_rows()
    found = predictions(model, problem, rows)
    with torch.no_grad():
        answer = model(problem.encode_frame(rows))
    probable = answer["sold"].double().softmax(dim=1).numpy()
    assert found.columns.tolist() == ["sold", "sold=no", "sold=yes", "Rent (EUR)", "width", "depth"]
    assert np.allclose(found[["sold=no", "sold=yes"]], probable, rtol=1e-6)
    assert found["sold"].tolist() == [["no", "yes"][code] for code in probable.argmax(axis=1)]
    assert np.allclose(found["Rent (EUR)"], problem.outputs["Rent_EUR"].decode(answer["Rent_EUR"])[:, 0])
    assert np.allclose(found[["width", "depth"]], problem.outputs["extent"].decode(answer["extent"]))


def test_numbers_are_in_the_units_of_the_target(problem: Problem) -> None:
    model = model_of(problem, 0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()  # then it predicts the training means
    found = predictions(model, problem, new_rows())
    raw = frame()
    for column, near in (("Rent (EUR)", 20), ("width", 1), ("depth", 1)):
        assert np.allclose(found[column], found[column][0])
        assert abs(found[column][0] - np.mean(raw[column])) < near
    assert np.allclose(found["sold=no"], 0.5)


def test_rows_keep_their_order(problem: Problem) -> None:
    model, order = model_of(problem, 1), np.random.default_rng(1).permutation(20)
    found, shuffled = (predictions(model, problem, new_rows().iloc[rows]) for rows in (range(20), order))
    assert found["Rent (EUR)"].nunique() > 10
    pd.testing.assert_frame_equal(shuffled, found.iloc[order].reset_index(drop=True), rtol=1e-5)


def test_targets_need_not_be_there_and_unknown_categories_may(problem: Problem) -> None:
    model, rows = model_of(problem, 0), new_rows()
    bare = rows.drop(columns=["sold", "Rent (EUR)", "width", "depth"])
    pd.testing.assert_frame_equal(predictions(model, problem, bare), predictions(model, problem, rows))
    assert np.isfinite(predictions(model, problem, bare.assign(town="yew"))["width"]).all()


def test_several_answer_with_their_mean_and_its_range(problem: Problem) -> None:
    models, rows = [model_of(problem, seed) for seed in range(3)], new_rows()
    single = [predictions(model, problem, rows) for model in models]
    found = predictions(models, problem, rows)
    for column in ("sold=no", "sold=yes", "Rent (EUR)", "width", "depth"):
        each = np.stack([one[column] for one in single])
        assert np.allclose(found[column], each.mean(axis=0))
        assert np.array_equal(found[f"{column}_low"], each.min(axis=0))
        assert np.array_equal(found[f"{column}_high"], each.max(axis=0))
        assert (found[f"{column}_low"] < found[f"{column}_high"]).all()
    greatest = found[["sold=no", "sold=yes"]].to_numpy().argmax(axis=1)
    assert found["sold"].tolist() == [["no", "yes"][code] for code in greatest]
    pd.testing.assert_frame_equal(predictions(models[:1], problem, rows), single[0])


def test_a_name_that_is_taken_gets_an_underscore_more() -> None:
    x = np.random.default_rng(0).normal(size=60)
    outputs = {"heat": (Regression(), x), "heat_low": (Regression(), -x)}
    problem = Problem.from_arrays("heat", inputs={"x": x}, outputs=outputs)
    found = predictions([model_of(problem, 0), model_of(problem, 1)], problem, {"x": x[:3]})
    names = ["heat", "heat_low_", "heat_high", "heat_low", "heat_low_low", "heat_low_high"]
    assert found.columns.tolist() == names
    one = predictions(model_of(problem, 0), problem, {"x": x[:3]})
    other = predictions(model_of(problem, 1), problem, {"x": x[:3]})
    assert np.allclose(found["heat_low"], (one["heat_low"] + other["heat_low"]) / 2)


def test_columns_of_a_problem_of_arrays_bear_the_names_of_outputs() -> None:
    problem = small_problem()
    rows = {"pixels": np.zeros((2, 7)), "bias_level": np.zeros(2)}
    found = predictions(model_of(problem, 0), problem, rows)
    assert found.columns.tolist() == ["digit", "digit=0", "digit=1", "digit=2", "type_0", "type_1"]
    with pytest.raises(InputError, match="expected a mapping of arrays"):
        predictions(model_of(problem, 0), problem, np.zeros((2, 7)))


def test_what_cannot_be_answered_is_refused(problem: Problem) -> None:
    with pytest.raises(InputError, match="answers another problem: its inputs are"):
        predictions(model_of(small_problem(), 0), problem, new_rows())
    with pytest.raises(InputError, match="models: expected one or more"):
        predictions([], problem, new_rows())
    x = np.random.default_rng(0).normal(size=(60, 3))
    only = Problem.from_arrays("only", inputs={"x": x}, outputs={"y": (Generation(), x)})
    with pytest.raises(InputError, match="'only' only generates"):
        predictions(model_of(only, 0), only, {"x": x})
    none = Problem.from_arrays("none", inputs={"x": x}, outputs={"y": (Regression(), x[:, 0])})
    with pytest.raises(InputError, match="'none' generates nothing"):
        samples(model_of(none, 0), none, 3)
    with pytest.raises(InputError, match="rows: expected 1 or more, came 0"):
        samples(model_of(only, 0), only, 0)


def test_answers_that_are_not_finite_are_no_answers(problem: Problem) -> None:
    model = model_of(problem, 0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(float("nan"))
    with pytest.raises(RunError, match="output 'sold': the answer for row 0 is not finite"):
        predictions(model, problem, new_rows())
    with pytest.raises(RunError, match="output 'flat': what the model makes up is not finite"):
        samples(model, problem, 2)


def test_generated_rows_have_the_form_of_the_table(problem: Problem) -> None:
    rows = samples(model_of(problem, 0), problem, 50, seed=4)["flat"]
    assert isinstance(rows, pd.DataFrame)
    assert set(rows.columns) == set(frame())
    assert rows["lift"].dtype == bool
    assert rows["rooms"].dtype == np.int64
    assert rows["rooms"].between(0, 4).all()
    assert set(rows["town"]) <= {"ash", "elm", "oak"}
    built = pd.to_datetime(rows["built"])
    assert built.between("2001-01-01", frame()["built"][-1]).all()
    assert rows["built"].str.fullmatch(r"2001-\d\d-\d\dT\d\d:\d\d:\d\d").all()
    assert rows["Rent (EUR)"].between(950, 1050).all()


def test_the_seed_says_what_is_made_up(problem: Problem) -> None:
    model = model_of(problem, 0)
    first, again, other = (samples(model, problem, 10, seed=seed)["flat"] for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(other)


def test_arrays_are_made_up_in_their_shape() -> None:
    problem = small_problem()
    made = samples(model_of(problem, 0), problem, 4)["image"]
    assert isinstance(made, np.ndarray)
    assert made.shape == (4, 6)


def test_the_first_member_is_the_best_and_the_others_follow_by_skill(whole: Whole) -> None:
    result, problem = whole[1], small_problem()
    assert len(result.front) > 2
    count = len(result.front)
    chosen = members(result, count)
    assert chosen[0] is result.best.model
    rows = {name: np.zeros((3, *node.shape)) for name, node in problem.inputs.items()}
    pd.testing.assert_frame_equal(
        predictions(members(result, 1), problem, rows), predictions(result.best.model, problem, rows)
    )
    skills = {each.architecture: each.outcome.scores for each in result.front}
    means = [
        np.prod([max(score.decision_skill, 1e-3) for score in skills[model.architecture].values()])
        for model in chosen[1:]
    ]
    assert means == sorted(means, reverse=True)
    for wrong in (0, count + 1):
        with pytest.raises(InputError, match=f"members: expected 1 to {count}"):
            members(result, wrong)


def test_a_run_keeps_what_its_models_answer_by(whole: Whole) -> None:
    result, problem = whole[1], small_problem()
    asked = answered_interface(load_search(whole[0]))
    assert result.interface is not None
    rows = {name: np.ones((3, *node.shape)) for name, node in problem.inputs.items()}
    model = result.best.model
    pd.testing.assert_frame_equal(
        predictions(model, asked, rows), predictions(model, problem, rows), check_exact=True
    )
    found, expected = (samples(model, each, 40, seed=2)["image"] for each in (asked, problem))
    assert np.array_equal(found, expected)


def test_conditions_are_of_the_training_rows_that_are_kept() -> None:
    problem = small_problem()
    models = [model_of(problem, seed) for seed in range(12)]
    read = [needed_inputs(model.architecture, ["image"], posterior=False) for model in models]
    assert len({*read}) > 1
    for model, names in zip(models, read, strict=True):
        kept = {name: problem.conditions[name] for name in names}
        asked = Interface.from_json(problem.interface.to_json(), kept)
        found, expected = (samples(model, each, 40, seed=2)["image"] for each in (asked, problem))
        assert np.array_equal(found, expected)
        if names:
            with pytest.raises(InputError, match="of which the interface has no training rows"):
                samples(model, problem.interface, 4)


def test_the_problem_of_a_run_must_be_what_it_was(whole: Whole) -> None:
    result = whole[1]
    with pytest.raises(InputError, match="problem 'small' was made in Python"):
        answered_problem(result)
    other = replace(result, spec=result.spec | {"problem": "digits"})
    with pytest.raises(InputError, match="'digits' is not what it was when the run was begun"):
        answered_problem(other)

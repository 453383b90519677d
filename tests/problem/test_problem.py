"""Splits, scores, fingerprints and pickles of problems."""

from __future__ import annotations

import math
import pickle
from collections.abc import Mapping

import numpy as np
import pytest
import torch
from tests.problem.conftest import arrays

from graftwork.errors import InputError, RunError
from graftwork.problem import SPLITS, Generation, Problem, Regression, load_problem


def _perfect(problem: Problem, output: str, split: str) -> torch.Tensor:
    target = problem.split(split).targets[output]
    if problem.outputs[output].kind == "classification":
        return 100.0 * torch.nn.functional.one_hot(target, problem.outputs[output].width).float()
    return target


def _axes(problem: Problem) -> torch.Tensor:
    output = problem.outputs["sample"]
    assert isinstance(output, Generation)
    assert output.whitening is not None
    return output.whitening.projection


@pytest.mark.parametrize("split", SPLITS)
def test_the_trivial_baseline_has_no_skill_and_a_perfect_prediction_has_all(
    mixed: Problem, split: str
) -> None:
    for name in mixed.outputs:
        assert mixed.trivial_scores(split)[name].skill == 0
        assert mixed.trivial_scores(split)[name].decision_skill == 0
        score = mixed.score(name, _perfect(mixed, name, split), split)
        # The unbiased distance of a sample to itself is below zero, because each row meets its own copy.
        cap = 1.0 if score.kind == "generation" else math.inf
        reached = [min(score.skill, cap), min(score.decision_skill, cap)]
        assert reached == pytest.approx([1, 1], abs=1e-6)


def test_predicting_what_the_baseline_predicts_scores_zero_on_training_rows(mixed: Problem) -> None:
    for name, output in mixed.outputs.items():
        rows = 1000 if output.kind == "generation" else mixed.train.rows
        prediction = output.trivial(rows, np.random.default_rng(5))
        score = mixed.score(name, prediction, "train")
        assert score.skill == pytest.approx(0, abs=0.1 if output.kind == "generation" else 1e-6)


def test_a_score_names_the_metrics_of_its_kind(mixed: Problem) -> None:
    score = mixed.trivial_scores()["species"]
    assert (score.kind, score.metric, score.decision) == ("classification", "error_rate", "log_loss")
    assert score.metrics == {"error_rate": score.value, "log_loss": score.decision_value}
    assert all(type(value) is float for value in (score.value, score.skill, score.decision_skill))


def test_nothing_fitted_reads_validation_or_test_rows() -> None:
    given = arrays()
    rows = {"train": np.arange(60), "validation": np.arange(60, 90), "test": np.arange(90, 120)}
    before = Problem.from_split("mixed", **given, rows=rows)
    random = np.random.default_rng(9)
    for array in (given["inputs"]["x"], given["inputs"]["picture"], given["outputs"]["amount"][1]):
        array[60:] = 50 * random.normal(size=array[60:].shape)
    given["outputs"]["species"][1][60:] = random.permutation(given["outputs"]["species"][1][60:])
    after = Problem.from_split("mixed", **given, rows=rows)
    assert before.inputs == after.inputs
    assert before.outputs == after.outputs
    assert torch.equal(before.train.inputs["x"], after.train.inputs["x"])
    assert not torch.equal(before.test.inputs["x"], after.test.inputs["x"])
    for name, output in before.outputs.items():
        drawn = [p.outputs[name].trivial(7, np.random.default_rng(0)) for p in (before, after)]
        assert torch.equal(*drawn), output
    axes = [_axes(problem) for problem in (before, after)]
    assert torch.equal(*axes)


def test_fitted_values_do_read_training_rows() -> None:
    given = arrays()
    before = Problem.from_arrays("mixed", **given)
    given["inputs"]["x"][:, 0] *= 3
    given["outputs"]["amount"][1][:, 0] *= 3
    after = Problem.from_arrays("mixed", **given)
    assert before.inputs["x"] != after.inputs["x"]
    assert before.outputs["amount"] != after.outputs["amount"]
    assert before.inputs["picture"] == after.inputs["picture"]


def test_encoded_training_rows_are_standardised_contiguous_floats(mixed: Problem) -> None:
    for rows in (*mixed.train.inputs.values(), mixed.train.targets["amount"], mixed.train.targets["sample"]):
        assert rows.dtype == torch.float32
        assert rows.is_contiguous()
        assert rows.mean(dim=0).abs().max() < 1e-5
        assert rows.square().mean().item() == pytest.approx(1, abs=1e-4)
    assert mixed.train.targets["species"].dtype == torch.int64
    assert mixed.train.inputs["x"].square().mean(dim=0).tolist() == pytest.approx([1, 1, 1], abs=1e-4)


def test_decoding_gives_back_the_units_of_the_user() -> None:
    given = arrays()
    rows = {"train": np.arange(60), "validation": np.arange(60, 90), "test": np.arange(90, 120)}
    problem = Problem.from_split("mixed", **given, rows=rows)
    for name, (_, target) in given["outputs"].items():
        decoded = problem.outputs[name].decode(_perfect(problem, name, "test"))
        assert decoded.shape == target[90:].shape
        if name == "species":
            assert decoded.tolist() == target[90:].tolist()
        else:
            np.testing.assert_allclose(decoded, target[90:], atol=1e-3)


def test_new_rows_are_encoded_as_the_problem_s_own() -> None:
    given = arrays()
    rows = {"train": np.arange(60), "validation": np.arange(60, 90), "test": np.arange(90, 120)}
    problem = Problem.from_split("mixed", **given, rows=rows)
    encoded = problem.encode_inputs({name: array[90:] for name, array in given["inputs"].items()})
    for name in given["inputs"]:
        assert torch.equal(encoded[name], problem.test.inputs[name])
    with pytest.raises(InputError, match="'picture' is missing"):
        problem.encode_inputs({"x": given["inputs"]["x"]})
    with pytest.raises(InputError, match=r"unknown input 'xx'; choose one of: x, picture"):
        problem.encode_inputs({"xx": given["inputs"]["x"]})
    with pytest.raises(InputError, match=r"input 'x': expected rows of shape \(3,\), came \(2,\)"):
        problem.encode_inputs({**given["inputs"], "x": given["inputs"]["x"][:, :2]})


def test_the_fingerprint_changes_with_names_data_and_outputs(mixed: Problem) -> None:
    given = arrays()
    assert Problem.from_arrays("mixed", **given).fingerprint == mixed.fingerprint
    assert Problem.from_arrays("other", **given).fingerprint != mixed.fingerprint
    assert Problem.from_arrays("mixed", **given, seed=1).fingerprint != mixed.fingerprint
    given["inputs"]["x"][7, 1] += 0.5
    assert Problem.from_arrays("mixed", **given).fingerprint != mixed.fingerprint


def test_the_fingerprint_tells_units_apart_that_encode_alike(mixed: Problem) -> None:
    given = arrays()
    given["outputs"]["amount"] = (Regression(), given["outputs"]["amount"][1] * 2)
    assert Problem.from_arrays("mixed", **given).fingerprint != mixed.fingerprint


def test_the_fingerprint_tells_scales_apart(mixed: Problem) -> None:
    given = arrays()
    given["outputs"]["amount"] = (Regression(scale="shared"), given["outputs"]["amount"][1])
    assert Problem.from_arrays("mixed", **given).fingerprint != mixed.fingerprint


def test_a_problem_of_one_s_own_goes_through_pickle_whole(mixed: Problem) -> None:
    again = pickle.loads(pickle.dumps(mixed))
    assert again.fingerprint == mixed.fingerprint
    assert again.trivial_scores() == mixed.trivial_scores()


def test_a_problem_in_float64_is_the_same_in_other_numbers(mixed: Problem) -> None:
    double = mixed.to(torch.float64)
    for name in SPLITS:
        for kept, came in zip(_groups(mixed, name), _groups(double, name), strict=True):
            for key, values in kept.items():
                expected = torch.float64 if values.is_floating_point() else torch.int64
                assert came[key].dtype == expected
                assert torch.equal(came[key], values.to(expected))
    assert double.trivial_scores("test") == mixed.trivial_scores("test")
    assert double.fingerprint != mixed.fingerprint
    assert double.train.inputs["picture"] is double.train.targets["sample"]
    assert pickle.loads(pickle.dumps(double)).fingerprint == double.fingerprint
    assert {rows.dtype for rows in double.encode_inputs(arrays()["inputs"]).values()} == {torch.float64}
    assert double.to(torch.float32).fingerprint == mixed.fingerprint
    assert mixed.to(torch.float32) is mixed


def _groups(problem: Problem, split: str) -> tuple[Mapping[str, torch.Tensor], ...]:
    return problem.split(split).inputs, problem.split(split).targets


def test_a_bundled_problem_in_float64_stays_so_when_it_travels() -> None:
    double = load_problem("digits").to(torch.float64)
    assert pickle.loads(pickle.dumps(double)).fingerprint == double.fingerprint


def test_a_problem_in_half_precision_is_refused(mixed: Problem) -> None:
    with pytest.raises(InputError, match=r"torch\.float32 or torch\.float64, came torch\.float16"):
        mixed.to(torch.float16)


def test_unknown_names_are_answered_with_the_known_ones(mixed: Problem) -> None:
    with pytest.raises(InputError, match=r"unknown split 'valid'; choose one of: validation, "):
        mixed.split("valid")
    with pytest.raises(InputError, match=r"unknown output 'specie'; choose one of: species, "):
        mixed.score("specie", torch.zeros(1, 2))


def test_predictions_of_another_shape_or_not_finite_are_refused(mixed: Problem) -> None:
    rows = mixed.validation.rows
    with pytest.raises(InputError, match=rf"'amount': expected shape \({rows}, 2\), came \({rows}, 3\)"):
        mixed.score("amount", torch.zeros(rows, 3))
    with pytest.raises(InputError, match=rf"came \({rows - 1}, 2\)"):
        mixed.score("amount", torch.zeros(rows - 1, 2))
    with pytest.raises(InputError, match=r"'sample': expected shape \(two or more, 6\), came \(1, 6\)"):
        mixed.score("sample", torch.zeros(1, 6))
    broken = torch.zeros(rows, 2)
    broken[3, 1] = torch.nan
    with pytest.raises(RunError, match=rf"'amount': 1 of {2 * rows} numbers are not finite"):
        mixed.score("amount", broken)

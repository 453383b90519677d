"""A diagnosis told in English says what the figures bear and no more."""

from __future__ import annotations

import pytest
from tests.report.samples import full_diagnosis

from graftwork.diagnosis import Diagnosis, Finding, cost_at_most, need_metric, sentences


def told(*findings: Finding) -> str:
    return "\n".join(sentences(Diagnosis(findings)))


def test_there_is_one_sentence_a_finding() -> None:
    assert sentences(full_diagnosis()) == (
        "digit needs n0 most: with another row's activations it would lose 0.812 ± 0.002 skill.",
        "size needs n0 most: with another row's activations it would lose 0.654 ± 0.002 skill.",
        "No output needs n2: removing it would cost at most 0.002 skill.",
        "n2 holds what n1 holds, CKA 0.97; removing it would cost at most 0.002 skill.",
        "digit and size pull n0 apart: the cosine of their gradients is -0.61 ± 0.05.",
        "n2 is dead: none of its units ever varies.",
        "62 % of the units of n1 never vary.",
        "n0 is a bottleneck: what it hands on varies in hardly more than one direction (effective rank 1.1, "
        "28 % of what its units allow).",
        "digit is overfitted: its skill on training rows is 0.23 ± 0.02 above that on the rows read.",
    )


def test_what_is_within_its_error_is_not_claimed() -> None:
    found = (
        Finding("n0", "digit", "relevance_permutation", 0.3, 0.2),
        Finding("n1", "digit", "relevance_permutation", 0.1, 0.5),
    )
    # The most is that of any of them, by its interval.
    assert told(*found) == "No network is known to be needed by digit: it would lose at most 1.080 skill."
    assert "in the way" not in told(Finding("n0", "digit", "relevance_mean", -0.05, 0.05))
    assert told(Finding("n0", "a / b", "gradient_cosine", -0.5, 0.3)) == ""
    assert told(Finding("(model)", "digit", "generalisation_gap", 0.3, 0.2)) == ""


def test_of_what_tells_nothing_nothing_is_said() -> None:
    # As of one row, which has no other's activations.
    assert told(*(Finding(name, "digit", "relevance_permutation", 0.0) for name in ("n0", "n1"))) == ""


def test_who_is_in_the_way_is_named() -> None:
    assert "n0 is in the way of digit" in told(Finding("n0", "digit", "relevance_mean", -0.05, 0.01))


def test_a_pair_without_a_measure_of_need_has_no_cost() -> None:
    pair = (Finding("n0", "n1", "cka", 0.95), Finding("n1", "n0", "cka", 0.95))
    assert told(*pair) == "n0 holds what n1 holds, CKA 0.95."


def test_of_many_conflicts_the_rest_is_counted() -> None:
    many = [Finding(f"n{i}", "a / b", "gradient_cosine", -0.9 + i / 100, 0.01) for i in range(9)]
    assert "So do 3 more" in told(*many)
    assert told(*many).count("pull") == 6


def test_the_cost_at_most_is_the_upper_end_for_the_output_that_loses_most() -> None:
    found = Diagnosis(
        (
            Finding("n0", "a", "relevance_mean", 0.1, 0.01),
            Finding("n0", "b", "relevance_mean", 0.2, 0.02),
            Finding("n1", "a", "relevance_mean", -0.5, 0.01),
        )
    )
    assert cost_at_most(found, "n0") == pytest.approx(0.2 + 1.96 * 0.02)
    assert cost_at_most(found, "n1") == 0.0
    assert cost_at_most(found, "n2") is None
    assert need_metric(found) == "relevance_mean"
    assert need_metric(Diagnosis(())) is None


def test_a_conflict_is_beyond_twice_its_error() -> None:
    found = [Finding("n0", "a / b", "gradient_cosine", value, 0.1) for value in (-0.3, -0.19, 0.1, 0.3)]
    assert [each.value for each, _, _ in Diagnosis(tuple(found)).conflicts()] == [-0.3]


def test_ranks_go_up_to_the_most_needed_whatever_the_direction() -> None:
    found = [
        Finding(name, output, metric, value)
        for metric, output in (("redundancy", None), ("relevance_mean", "size"))
        for name, value in (("n0", 0.9), ("n1", 0.1))
    ]
    diagnosis = Diagnosis(tuple(found))
    assert diagnosis.ranks("relevance_mean") == {"n0": {"size": 1.0}, "n1": {"size": 0.0}}
    assert diagnosis.ranks("redundancy") == {"n0": {None: 0.0}, "n1": {None: 1.0}}

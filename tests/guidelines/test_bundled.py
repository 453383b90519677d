"""The guidelines that come with the package: sound, and what `guided` falls back on."""

from __future__ import annotations

import pytest

from graftwork.errors import InputError
from graftwork.guidelines import bundled_guidelines
from graftwork.search import GuidedPolicy, make_policy
from graftwork.variation import OPERATORS


def test_they_are_of_a_study_that_digits_took_no_part_in() -> None:
    found = bundled_guidelines()
    assert {problem for study in found.studies for problem in study["problems"]} == {"fashion-mnist"}
    assert found.guidelines
    for guideline in found.guidelines:
        assert guideline.operator in OPERATORS
        assert guideline.because.q <= 0.1
        assert guideline.aim in guideline.expect
        assert "fashion-mnist" in guideline.sentence()


def test_the_guided_policy_is_guided_by_them_unless_others_are_given() -> None:
    policy = make_policy("guided")
    assert isinstance(policy, GuidedPolicy)
    assert policy.guidelines == bundled_guidelines()


def test_an_unknown_policy_is_refused_all_the_same() -> None:
    with pytest.raises(InputError, match="did you mean 'guided'"):
        make_policy("guideed")

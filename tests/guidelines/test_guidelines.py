"""What a set of guidelines says of a place, and which texts are none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graftwork.errors import InputError
from graftwork.guidelines import Condition, Evidence, Guideline, Guidelines, expectation
from graftwork.study import Interval

AIM = "skill:generation"


def guideline(median: float, *when: Condition, operator: str = "clone_network") -> Guideline:
    expect = {AIM: Interval(median, median - 0.1, median + 0.1)}
    return Guideline(operator, "do", AIM, when, expect, Evidence(10, 5, ("digits",), 0.001, 0.01))


EXCLUSIVE, SMALL = Condition("exclusive", ">=", 0.5), Condition("parameter_share", "<", 0.25)


def test_the_most_specific_guideline_speaks() -> None:
    found = Guidelines((guideline(0.3, EXCLUSIVE, SMALL), guideline(0.1), guideline(0.2, EXCLUSIVE)))
    medians = [
        found.expected("clone_network", features)[AIM].median
        for features in (
            {"exclusive": 0.0, "parameter_share": 0.1},
            {"exclusive": 1.0, "parameter_share": 0.9},
            {"exclusive": 1.0, "parameter_share": 0.1},
        )
    ]
    assert medians == [0.1, 0.2, 0.3]
    assert found.expected("add_connection", {"exclusive": 1.0}) == {}


def test_a_condition_on_what_is_not_known_does_not_hold() -> None:
    for relation in (">=", "<"):
        assert not Condition("exclusive", relation, 0.5).holds({})  # type: ignore[arg-type]
    assert EXCLUSIVE.holds({"exclusive": 0.5})
    assert not SMALL.holds({"parameter_share": 0.25})


def damaged(**changes: object) -> str:
    return json.dumps(json.loads(Guidelines((guideline(0.1),)).to_json()) | changes)


@pytest.mark.parametrize(
    ("text", "culprit"),
    [
        ("", "not valid JSON"),
        (Guidelines((guideline(0.1),)).to_json()[:-40], "not valid JSON"),
        (damaged(version=2), "version 2"),
        (damaged(guidelines=[{"operator": "clone_network"}]), "guidelines.0"),
        (
            Guidelines((guideline(0.1),)).to_json().replace(f'"aim": "{AIM}"', '"aim": "parameters"'),
            "'parameters'",
        ),
        ("[]", "the whole text"),
        ("[" * 10_000, "not valid JSON"),
        (" " * 5_000_001, "at most 5000000 bytes"),
    ],
)
def test_what_is_no_set_of_guidelines_is_refused_with_the_culprit(
    text: str, culprit: str, tmp_path: Path
) -> None:
    path = tmp_path / "guidelines.json"
    path.write_text(text)
    with pytest.raises(InputError, match=culprit) as refusal:
        Guidelines.load(path)
    assert str(path) in str(refusal.value)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name in ("missing", "binary", "."):
        with pytest.raises(InputError, match="cannot read"):
            Guidelines.load(tmp_path / name)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (Interval(0.1, -0.05, 0.2), "generation skill +0.100 [-0.050, +0.200]"),
        (Interval(-0.0004, -0.001, 0.0004), "generation skill 0.000 [-0.001, 0.000]"),
    ],
)
def test_what_rounds_to_nothing_has_no_sign(change: Interval, said: str) -> None:
    assert expectation("skill:generation", change) == said

"""Kills of drivers: what is counted, on planted losses, and the command on real ones."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from typer.testing import CliRunner

from graftwork.errors import InputError
from graftwork.testing.__main__ import app
from graftwork.testing.faults.kills import Kill, Kills, check_kills
from graftwork.testing.faults.ledger import Kept, differences, lost, repeated
from graftwork.testing.faults.workers import FAULTS, Struck, check_workers

BEFORE = {"candidate/0": Kept("a", (1.0, 0.5)), "candidate/1": Kept("b", (2.0, 1.5))}
AFTER = BEFORE | {"candidate/2": Kept("c", (3.0, 2.5)), "best": Kept("d")}
SEEN = {"candidate/0": 1.0, "candidate/1": 2.0, "candidate/2": 3.0}
WELL = Kill(
    number=0,
    workers=1,
    aim="",
    instant=1.0,
    phase="searching",
    lost=[],
    repeated=[],
    differs=[],
    failed="",
    orphans=0,
    leftovers=[],
    missed=0,
)


def test_what_stayed_is_neither_lost_nor_repeated() -> None:
    assert lost(BEFORE, BEFORE, AFTER) == []
    assert repeated(BEFORE, AFTER, SEEN, AFTER) == []


@pytest.mark.parametrize(
    "kept", [None, Kept("other", (2.0, 1.5)), Kept("b", (2.0, 1.5), intact=False)], ids=str
)
def test_what_is_missing_changed_or_damaged_is_lost(kept: Kept | None) -> None:
    after = {key: value for key, value in (AFTER | {"candidate/1": kept}).items() if value}
    assert lost((), BEFORE, after) == ["candidate/1"]


def test_what_was_said_to_be_kept_and_is_not_there_after_the_kill_is_lost() -> None:
    assert lost({"candidate/2"}, BEFORE, AFTER) == ["candidate/2"]


def test_what_took_other_seconds_was_done_again() -> None:
    again = AFTER | {"candidate/0": Kept("a", (1.1, 0.5))}
    assert repeated(BEFORE, again, SEEN, AFTER) == ["candidate/0"]


def test_what_the_run_saw_otherwise_than_it_was_kept_was_done_again() -> None:
    assert repeated(BEFORE, AFTER, SEEN | {"candidate/1": 2.1}, AFTER) == ["candidate/1"]


def test_a_candidate_too_many_is_work_done_twice() -> None:
    assert repeated(BEFORE, AFTER | {"candidate/3": Kept("c")}, SEEN, AFTER) == ["candidate/3"]


def test_differences_are_named() -> None:
    reference: dict[str, Any] = {"front": [1], "steps": (3, 4), "best weights": "a"}
    assert differences(reference, dict(reference)) == []
    assert differences(reference, reference | {"steps": (3, 5)}) == ["steps"]
    assert differences(reference, {"front": [1], "steps": (3, 4)}) == ["best weights"]


@pytest.mark.parametrize(
    ("changes", "figure", "value"),
    [
        ({"lost": ["best"]}, "lost", 1),
        ({"repeated": ["candidate/0", "candidate/1"]}, "repeated", 2),
        ({"differs": ["front"]}, "archive_equal", False),
        ({"failed": "exit code 1"}, "archive_equal", False),
        ({"failed": "exit code 1"}, "failed", 1),
        ({"orphans": 2}, "orphans", 2),
        ({"leftovers": ["graftwork-problem-x"]}, "leftovers", 1),
    ],
)
def test_each_figure_goes_red(changes: dict[str, Any], figure: str, value: object) -> None:
    well, ill = (Kills((WELL, kill), {1: 1.0}, []) for kill in (WELL, replace(WELL, **changes)))
    assert not well.broken
    assert ill.broken
    assert well.payload()[figure] in (0, True)
    assert ill.payload()[figure] == value
    assert len(ill.payload()["broken"]) == 1


def test_references_that_differ_are_no_equal_archive() -> None:
    apart = Kills((WELL,), {1: 1.0, 2: 1.0}, ["front"])
    assert apart.broken
    assert not apart.payload()["archive_equal"]


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(InputError, match="kills must be at least 1"):
        check_kills(0, 0)
    with pytest.raises(InputError, match="seed"):
        check_kills(1, -1)
    assert CliRunner().invoke(app, ["faults", "--kills", "0"]).exit_code == 2


def test_runs_that_are_killed_end_as_the_one_that_was_not() -> None:
    result = CliRunner().invoke(app, ["faults", "--kills", "2", "--seed", "2", "--json"])
    value = json.loads(result.stdout)
    assert result.exit_code == 0, value
    assert (value["kills"], value["lost"], value["repeated"], value["archive_equal"]) == (2, 0, 0, True)
    assert sum(value["phases"].values()) == 2


def test_each_figure_of_a_struck_worker_goes_red() -> None:
    well = Struck("hung", 3, "exceeded its limit of 5 s", lost=0, equal=True, seconds=5.0)
    assert not well.broken
    for changes in ({"lost": 1}, {"equal": False}, {"reason": "it did not fail"}, {"fault": "killed"}):
        assert replace(well, **changes).broken  # type: ignore[arg-type]
    with pytest.raises(InputError, match="faults must be at least 1"):
        check_workers(0, 0)


def test_a_worker_that_is_struck_costs_its_candidate() -> None:
    result = CliRunner().invoke(app, ["workers", "--faults", "1", "--seed", "1", "--json"])
    value = json.loads(result.stdout)
    assert result.exit_code == 0, value
    assert {name: value[name]["runs"] for name in FAULTS} == dict.fromkeys(FAULTS, 1)
    assert all(value[name]["archive_equal"] and not value[name]["lost"] for name in FAULTS)

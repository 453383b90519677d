"""What has columns of its own comes back whole, and can be asked for."""

from __future__ import annotations

import sqlite3
import string
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.store.conftest import Open

from graftwork.errors import InputError, RunError
from graftwork.store import Details, Evaluation, Figure, Milestone, Store

names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=8)
numbers = st.floats(allow_nan=False, allow_infinity=False)
whole = st.integers(0, 2**62)
objects = st.dictionaries(names, st.integers() | names, max_size=3)
details = st.builds(
    Details,
    arm=names,
    number=whole,
    parent=st.none() | whole,
    founder=st.none() | whole,
    operator=st.none() | names,
    site=st.none() | objects,
    seed=st.none() | st.integers(0, 2**63 - 1),
    architecture=st.none() | objects,
    hash=st.none() | names,
    steps=st.none() | whole,
    seconds=st.none() | numbers,
    training_seconds=st.none() | numbers,
    evaluations=st.lists(
        st.builds(
            Evaluation,
            split=st.sampled_from(["validation", "test"]),
            output=names,
            kind=names,
            metric=names,
            value=numbers,
            skill=numbers,
            decision=names,
            decision_value=numbers,
            decision_skill=numbers,
            metrics=st.dictionaries(names, numbers, max_size=3),
        ),
        max_size=4,
        unique_by=lambda each: (each.split, each.output),
    ).map(tuple),
    diagnosis=st.lists(
        st.builds(
            Figure, component=names, output=st.none() | names, metric=names, value=numbers, error=numbers
        ),
        max_size=4,
    ).map(tuple),
    joined=st.booleans(),
    objectives=st.none() | st.lists(numbers, max_size=4).map(tuple),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(of=details)
def test_every_detail_comes_back(open_store: Open, of: Details) -> None:
    standing = Milestone(evaluations=(of.number or 0) + 1, steps=3, seconds=0.1, hypervolume=0.25)
    with TemporaryDirectory() as folder, open_store(Path(folder), spec={}) as store:
        told = store.add("c", {"x": 1}, details=replace(of, standing=standing))
        plain = store.add("d", {})
        assert store.entries() == [told, plain]
        assert plain.details == Details()
        assert sorted(map(repr, told.details.evaluations)) == sorted(map(repr, of.evaluations))
        assert told.details.diagnosis == of.diagnosis


def arm_of(store: Store, points: list[tuple[float, float]]) -> list[dict[str, Any]]:
    """Candidates of planted points, and what is expected after each."""
    front: dict[int, tuple[float, float]] = {}
    told = []
    for number, point in enumerate(points):
        displaced = [n for n, p in front.items() if p[0] <= point[0] and p[1] <= point[1]]
        joins = not any(p[0] >= point[0] and p[1] >= point[1] for p in front.values())
        if joins:
            front = {n: p for n, p in front.items() if n not in displaced} | {number: point}
        standing = Milestone(evaluations=number + 1, steps=10 * number, seconds=0.5, hypervolume=number / 7)
        store.add(
            f"a/candidate/{number}",
            {},
            status="failed" if number % 5 == 4 else "done",
            details=Details(
                arm="a",
                number=number,
                joined=joins,
                objectives=point,
                standing=standing,
                hash=string.ascii_letters[number],
                operator="clone" if number % 2 else None,
            ),
            displaces=displaced if joins else (),
        )
        told.append({"front": sorted(front), "standing": standing})
    return told


POINTS = [tuple(float(x) for x in p) for p in np.random.default_rng(0).integers(0, 12, size=(30, 2))]


def test_the_front_of_any_time_can_be_asked_for(open_store: Open, tmp_path: Path) -> None:
    with open_store(tmp_path, spec={}) as store:
        told = arm_of(store, POINTS)  # type: ignore[arg-type]
        store.add("b/candidate/0", {}, details=Details(arm="b", number=0, joined=True, objectives=(1.0,)))
        for count in range(1, len(POINTS) + 1):
            found = [place.number for place in store.places("a", told=count)]
            assert found == told[count - 1]["front"]
        assert [entry.details.number for entry in store.front("a")] == told[-1]["front"]
        assert store.places("a") == store.places("a", told=len(POINTS))
        assert store.places("a", told=0) == []
        assert [place.objectives for place in store.places("a")] == [POINTS[n] for n in told[-1]["front"]]
        # Some left it, or the test says little.
        assert len({n for each in told for n in each["front"]}) > len(told[-1]["front"]) + 3


def test_an_arm_is_asked_for_its_candidates_and_standings(open_store: Open, tmp_path: Path) -> None:
    with open_store(tmp_path, spec={}) as store:
        told = arm_of(store, POINTS)  # type: ignore[arg-type]
        assert (store.count("a"), store.count("b")) == (30, 0)
        assert [e.key for e in store.numbered("a", first=27)] == [f"a/candidate/{n}" for n in (27, 28, 29)]
        assert [e.details.number for e in store.numbered("a", first=3, end=5)] == [3, 4]
        assert [(e.number, e.objectives, e.status) for e in store.latest("a", 2)] == [
            (28, POINTS[28], "done"),
            (29, POINTS[29], "failed"),
        ]
        assert len(store.latest("a", 1000)) == 30
        assert store.statuses("a") == {"done": 24, "failed": 6}
        for key, status in (("best", "done"), ("interface", "kept")):
            store.add(key, {}, status=status, details=Details(arm="a"))
        assert store.statuses("a") == {"done": 24, "failed": 6}
        assert store.standings("a") == [each["standing"] for each in told]
        assert store.standings("a", first=3, end=5) == [each["standing"] for each in told[3:5]]
        assert [s.evaluations for s in store.standings("a", every=10)] == [10, 20, 30]


def test_known_is_what_varied_or_was_told_and_done(open_store: Open, tmp_path: Path) -> None:
    with open_store(tmp_path, spec={}) as store:
        arm_of(store, POINTS)  # type: ignore[arg-type]
        for number in range(30):
            random, failed = number % 2 == 0, number % 5 == 4
            for told in (0, number, number + 1, 30):
                expected = not random or (told > number and not failed)
                assert store.knows("a", string.ascii_letters[number], told=told) == expected
        assert not store.knows("a", "nothing", told=30)
        assert not store.knows("b", "b", told=30)


def test_records_are_kept_apart_from_entries(open_store: Open, tmp_path: Path) -> None:
    record = {
        "problem": "digits",
        "parent": 1,
        "trial": 2,
        "operator": "x",
        "status": "done",
        "effects": {"d": 0.5},
    }
    with open_store(tmp_path, spec={}) as store:
        store.add("1/parent", {})
        store.add_record("1/record/2", record)
        with pytest.raises(RunError, match="already holds an entry '1/record/2'"):
            store.add_record("1/record/2", {})
    with Store.read(tmp_path) as store:
        assert [(each.key, each.payload) for each in store.records()] == [("1/record/2", record)]
        assert [each.key for each in store.entries()] == ["1/parent"]
        with pytest.raises(RunError, match="reading only"):
            store.add_record("x", {})


def test_each_opening_is_written_down_with_what_it_was_made_by(open_store: Open, tmp_path: Path) -> None:
    for _ in range(2):
        with open_store(tmp_path, spec={"seed": 7}) as store:
            begun = store.environment
    assert begun["seed"] == "7"
    assert begun["cores"] > 0
    assert {"python", "torch", "commit", "opened", "machine"} <= begun.keys()
    with Store.read(tmp_path) as store:
        assert [each["torch"] for each in store.environments()] == [begun["torch"]] * 2


def test_guidelines_are_kept_once_each(tmp_path: Path) -> None:
    for used in ({"abc": "{}"}, {"abc": "{}"}, {"def": "[]"}):
        with Store.open(tmp_path, kind="search", spec={}, guidelines=used) as store:
            pass
    with Store.read(tmp_path) as store:
        assert store.guidelines() == {"abc": "{}", "def": "[]"}


@pytest.mark.parametrize(
    ("of", "culprit"),
    [
        (Details(seconds=float("nan")), "seconds is nan"),
        (Details(architecture={"x": float("inf")}), r"architecture\.x is inf"),
        (
            Details(
                diagnosis=(Figure(component="n1", output=None, metric="m", value=float("nan"), error=0.0),)
            ),
            "n1",
        ),
    ],
)
def test_what_is_no_figure_is_refused_and_nothing_is_added(
    open_store: Open, tmp_path: Path, of: Details, culprit: str
) -> None:
    with open_store(tmp_path, spec={}) as store:
        with pytest.raises(InputError, match=culprit):
            store.add("c", {}, details=of)
        assert store.entries() == []


def test_what_was_said_in_any_bytes_can_be_a_reason(open_store: Open, tmp_path: Path) -> None:
    with open_store(tmp_path, spec={}) as store:
        entry = store.add("c", {}, status="failed", reason="zero \0 and \udcff")
        assert store.get("c") == entry
        assert entry.reason == r"zero \x00 and \udcff"
        for key in ("", "a\0b", "\udcff"):
            with pytest.raises(InputError, match="A key must be a text"):
                store.add(key, {})


def nested(connection: sqlite3.Connection) -> None:
    connection.execute(
        "update candidate set payload = ? where key = 'c7'", ['{"a":' * 50_000 + "1" + "}" * 50_000]
    )


def bytes_for_text(connection: sqlite3.Connection) -> None:
    connection.execute("update candidate set payload = x'00ff' where key = 'c7'")


def no_json(connection: sqlite3.Connection) -> None:
    connection.execute("update candidate set site = '{' where key = 'c7'")


def text_for_number(connection: sqlite3.Connection) -> None:
    connection.execute("update candidate set hypervolume = 0.5, number = 'x' where key = 'c7'")


@pytest.mark.parametrize("damage", [nested, bytes_for_text, no_json, text_for_number])
def test_a_damaged_row_is_named(tmp_path: Path, damage: Any) -> None:
    with Store.open(tmp_path, kind="search", spec={}) as store:
        for number in range(10):
            store.add(f"c{number}", {})
    with sqlite3.connect(tmp_path / "graftwork.db") as connection:
        damage(connection)
    connection.close()
    with Store.read(tmp_path) as store:
        with pytest.raises(InputError, match=r"graftwork\.db: entry 'c7' is damaged"):
            store.entries()
        assert store.get("c6") is not None

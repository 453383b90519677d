"""The archive: what is kept, what is dominated, and the volume that it covers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.search.samples import SPACE, candidate

from graftwork.search import Archive, hypervolume, objectives
from graftwork.search.archive import Point, compactness, gain

shares = st.floats(0, 1, width=32)
clouds = st.lists(st.tuples(shares, shares, shares), min_size=1, max_size=8)


def dominates(a: Point, b: Point) -> bool:
    return all(x >= y for x, y in zip(a, b, strict=True)) and a != b


@pytest.mark.parametrize("seed", range(3))
def test_hypervolume_is_the_share_of_random_points_below_the_front(seed: int) -> None:
    rng = np.random.default_rng(seed)
    front, thrown = rng.uniform(size=(6, 3)), rng.uniform(size=(100_000, 3))
    below = (thrown[:, None, :] <= front[None, :, :]).all(axis=2).any(axis=1)
    assert hypervolume([tuple(point) for point in front]) == pytest.approx(below.mean(), abs=0.006)


@given(a=st.tuples(shares, shares, shares, shares), b=st.tuples(shares, shares, shares, shares))
def test_hypervolume_of_two_points_is_by_hand(a: Point, b: Point) -> None:
    by_hand = np.prod(a) + np.prod(b) - np.prod(np.minimum(a, b))
    assert hypervolume([a, b]) == pytest.approx(by_hand, abs=1e-9)


def test_what_is_dominated_gains_nothing_whatever_rounding_says() -> None:
    rng, rounded = np.random.default_rng(0), 0
    for _ in range(300):
        drawn = [tuple(float(x) for x in point) for point in rng.uniform(size=(12, 4))]
        front = undominated(drawn)
        dominated = tuple(0.9 * x for x in front[0])
        for point in (front[0], dominated):
            rounded += hypervolume([*front, point]) < hypervolume(front)
            assert 0 <= gain(front, point) < 1e-12
        assert gain(front, (1.0, 1.0, 1.0, 1.0)) == pytest.approx(1 - hypervolume(front))
    assert rounded > 0


def test_hypervolume_of_nothing_is_nothing() -> None:
    assert hypervolume([]) == 0.0
    assert hypervolume([(0.0, 1.0, 1.0)]) == 0.0
    assert hypervolume([(1.0, 1.0)]) == 1.0


@given(points=clouds)
def test_the_front_is_what_none_dominates_each_once(points: list[Point]) -> None:
    archive = Archive(SPACE)
    for number, (digit, kind, image) in enumerate(points):
        archive.add(candidate(number, {"digit": digit, "type": kind, "image": image}))
    kept = [member.point for member in archive.members]
    whole = [
        archive.point(candidate(0, dict(zip(("digit", "type", "image"), p, strict=True)))) for p in points
    ]
    assert len(set(kept)) == len(kept)
    assert set(kept) == {*undominated(whole)}
    assert hypervolume(kept) == pytest.approx(hypervolume(whole), abs=1e-9)
    # Of equal ones the first.
    assert [m.number for m in archive.members] == sorted(whole.index(point) for point in kept)


def undominated(points: list[Point]) -> list[Point]:
    return [p for p in points if not any(dominates(q, p) for q in points)]


def filled(*skills: tuple[float, float]) -> Archive:
    archive = Archive(SPACE)
    for number, (digit, kind) in enumerate(skills):
        archive.add(candidate(number, {"digit": digit, "type": kind}))
    return archive


def test_a_dominated_candidate_changes_nothing_but_the_count() -> None:
    archive = filled((0.8, 0.4), (0.4, 0.8))
    before = archive.front, archive.hypervolume
    assert not archive.add(candidate(2, {"digit": 0.4, "type": 0.4}))
    assert not archive.add(candidate(3, {"digit": 0.8, "type": 0.4}))
    assert (archive.front, archive.hypervolume) == before
    assert archive.count == 4
    assert archive.steps == 40


def test_a_better_candidate_takes_the_place_of_those_it_dominates() -> None:
    archive = filled((0.8, 0.4), (0.4, 0.8), (0.5, 0.5))
    assert [c.number for c in archive.front] == [0, 1, 2]
    assert archive.add(candidate(3, {"digit": 0.9, "type": 0.6}))
    assert [c.number for c in archive.front] == [1, 3]
    by_hand = 0.5 * (0.9 * 0.6 + 0.4 * 0.8 - 0.4 * 0.6)
    assert archive.hypervolume == pytest.approx(by_hand)


def test_the_front_does_not_depend_on_the_order_of_arrival() -> None:
    skills = [tuple(s) for s in np.random.default_rng(0).uniform(size=(12, 2))]
    forwards, backwards = filled(*skills), filled(*skills[::-1])
    points = [{archive.point(c) for c in archive.front} for archive in (forwards, backwards)]
    assert points[0] == points[1]
    assert len(points[0]) > 1


@given(skills=st.lists(st.tuples(shares, shares), min_size=1, max_size=8), told=st.integers(0, 8))
def test_what_stands_where_another_stood_goes_on_alike(skills: list[tuple[float, float]], told: int) -> None:
    whole, before = filled(*skills), filled(*skills[:told])
    restored = Archive(SPACE)
    restored.restore(before.members, count=before.count, steps=before.steps)
    for number, (digit, kind) in [*enumerate(skills)][told:]:
        restored.add(candidate(number, {"digit": digit, "type": kind}))
    assert [c.number for c in restored.front] == [c.number for c in whole.front]
    assert (restored.count, restored.steps) == (whole.count, whole.steps)


@pytest.mark.parametrize("status", ["diverged", "failed", "refused"])
def test_what_was_not_done_is_counted_and_never_in_front(status: str) -> None:
    archive = filled((0.1, 0.1))
    assert not archive.add(candidate(1, {"digit": 0.9, "type": 0.9}, status=status))
    assert [c.number for c in archive.front] == [0]
    assert archive.count == 2


def test_the_front_keeps_its_weights() -> None:
    archive = filled((0.8, 0.4), (0.4, 0.8), (0.9, 0.9))
    assert [(c.number, c.weights) for c in archive.front] == [(2, b"weights")]


def test_objectives_are_clipped_skills_by_name_and_compactness() -> None:
    asked = candidate(0, {"type": 1.5, "digit": -0.5, "image": 0.25}, parameters=1000)
    assert objectives(asked.outcome, SPACE) == (0.0, 0.25, 1.0, pytest.approx(0.5))
    assert [compactness(p, SPACE) for p in (1, 10, 100_000, 10**9)] == [1.0, 1.0, 0.0, 0.0]

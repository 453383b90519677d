"""Evaluated candidates, those that none other dominates, and the hypervolume that they cover."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from graftwork.architecture import Architecture, SearchSpace, canonical_hash
from graftwork.trial import Application, Outcome

Point = tuple[float, ...]


@dataclass(frozen=True)
class Candidate:
    """An evaluated candidate.

    Attributes:
        number: Its place in the run, from 0.
        outcome: What came of it.
        parent: Number of its parent; none for a random architecture.
        application: What was done to the parent.
        weights: Its weights as safetensors; empty where it was not done.
        founder: Number of the random architecture that it descends from; none where it is one.
    """

    number: int
    outcome: Outcome
    parent: int | None = None
    application: Application | None = None
    weights: bytes = field(default=b"", repr=False)
    founder: int | None = None

    @property
    def architecture(self) -> Architecture:
        """Its architecture; only candidates that were done are asked."""
        assert self.outcome.architecture is not None
        return self.outcome.architecture

    @property
    def family(self) -> int:
        """Number of the random architecture that it descends from, or is."""
        return self.number if self.founder is None else self.founder

    @property
    def done(self) -> bool:
        """Whether it was evaluated to the end."""
        return self.outcome.status == "done"


def objectives(outcome: Outcome, space: SearchSpace) -> Point:
    """What a candidate is judged by, each from 0 to 1, more being better.

    The skill of every output (of the log loss for classification), clipped to [0, 1]; last, 1 - the
    logarithm of the parameters scaled between the limits of the space.
    """
    assert outcome.complexity is not None
    skills = [min(max(score.decision_skill, 0.0), 1.0) for _, score in sorted(outcome.scores.items())]
    return (*skills, compactness(outcome.complexity.parameters, space))


def compactness(parameters: float, space: SearchSpace) -> float:
    """1 at the least number of parameters of the space, 0 at the most, on a logarithmic scale."""
    low, high = math.log(space.min_parameters), math.log(space.max_parameters)
    return min(max(1.0 - (math.log(parameters) - low) / (high - low), 0.0), 1.0)


def hypervolume(points: Sequence[Point]) -> float:
    """Volume dominated by points, with reference point 0 (Zitzler and Thiele, 1998).

    Example:
        >>> round(hypervolume([(1.0, 0.5), (0.5, 1.0)]), 6)
        0.75
    """
    if not points:
        return 0.0
    import moocore

    return float(moocore.hypervolume(-np.asarray(points), ref=np.zeros(len(points[0]))))


def gain(points: Sequence[Point], point: Point) -> float:
    """Volume that a further point adds to what points dominate.

    Example:
        >>> gain([(0.5, 0.5)], (1.0, 0.5)), gain([(0.5, 0.5)], (0.4, 0.5))
        (0.25, 0.0)
    """
    # Rounding makes a gain of nothing slightly negative, which no probability may be.
    return max(hypervolume([*points, point]) - hypervolume(points), 0.0)


def _at_least(point: Point, other: Point) -> bool:
    """Whether a point is nowhere worse than another; of equal ones the first stays on the front."""
    return all(one >= two for one, two in zip(point, other, strict=True))


@dataclass(frozen=True)
class Member:
    """A candidate of the front, by what it is judged by.

    Attributes:
        number: Of the candidate.
        point: Its objectives.
        candidate: Gives the whole candidate with its weights, from memory or from where the run is kept.
    """

    number: int
    point: Point
    candidate: Callable[[], Candidate] = field(repr=False, compare=False)


class Archive:
    """The front of a run: its candidates that none other dominates, of which parents are drawn.

    The other candidates are counted and not kept, so that memory does not grow with their number; a run keeps
    them in its store.

    Args:
        space: Whose limits scale the objectives.

    Attributes:
        members: Of the front, by number.
        count: Candidates taken in.
        steps: Training steps spent on them.
        hashes: Of the architectures of those that were done.
    """

    def __init__(self, space: SearchSpace) -> None:
        self.space = space
        self.members: tuple[Member, ...] = ()
        self.count = 0
        self.steps = 0
        self.hashes: set[str] = set()

    @property
    def front(self) -> tuple[Candidate, ...]:
        """Candidates that none other dominates, with their weights, by number."""
        return tuple(member.candidate() for member in self.members)

    @property
    def hypervolume(self) -> float:
        """Hypervolume of the front."""
        return hypervolume([member.point for member in self.members])

    def point(self, candidate: Candidate) -> Point:
        """Objectives of a candidate."""
        return objectives(candidate.outcome, self.space)

    def add(self, candidate: Candidate) -> bool:
        """Take a candidate in; whether it joins the front."""
        joins = False
        if candidate.done:
            self.hashes.add(canonical_hash(candidate.architecture))
            member = Member(candidate.number, self.point(candidate), lambda: candidate)
            joins = not any(_at_least(each.point, member.point) for each in self.members)
            if joins:
                stay = (each for each in self.members if not _at_least(member.point, each.point))
                self.members = (*stay, member)
        self.count += 1
        self.steps += candidate.outcome.steps
        return joins

    def restore(self, members: Sequence[Member], *, count: int, steps: int) -> None:
        """Stand where a run stood after so many candidates."""
        self.members, self.count, self.steps = tuple(members), count, steps

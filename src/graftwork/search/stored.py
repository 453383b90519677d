"""A run in its store: candidates as they come, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from graftwork.documents import short
from graftwork.errors import InputError
from graftwork.search.archive import Candidate, Member, Point
from graftwork.search.searcher import Proposal, Standpoint
from graftwork.store import Entry, Milestone, Place, Store, load_tensors, save_tensors
from graftwork.trial import application_of, outcome_details, outcome_of, with_application


class StoredRun:
    """Candidates of one search, one arm of a store; a store can hold several.

    Args:
        store: That holds them.
        arm: Name of the search, such as "guided/3".
    """

    def __init__(self, store: Store, *, arm: str = "") -> None:
        self.store, self.arm = store, arm

    def standpoint(self, window: int) -> Standpoint:
        """Where the run stood before the last candidates that were kept, so many as are under way at once.

        Then all that were kept had been asked for, and what comes after them had not.
        """
        asked = self.store.count(self.arm)
        if asked < 0:
            raise self._damaged("a candidate has a negative number")
        told = max(asked - window, 0)
        last = self._numbered(asked - 1).payload if asked else {"algorithm": {}}
        state = last.get("algorithm")
        if not isinstance(state, dict):
            raise self._damaged(f"candidate {asked - 1} does not say what the algorithm remembers")
        return Standpoint(
            members=tuple(self._member(place) for place in self.store.places(self.arm, told=told)),
            told=told,
            asked=asked,
            steps=self.standing(told).steps,
            state=state,
            known=lambda digest: self.store.knows(self.arm, digest, told=told),
        )

    def standing(self, told: int) -> Milestone:
        """Where the run stood when so many candidates were told of."""
        if told == 0:
            return Milestone(evaluations=0, steps=0, seconds=0.0, hypervolume=0.0)
        return self.standings(first=told - 1, end=told)[0]

    def standings(self, *, first: int = 0, end: int | None = None) -> list[Milestone]:
        """Where the run stood after its candidates, from one number to before another."""
        found = self.store.standings(self.arm, first=first, end=end)
        end = self.store.count(self.arm) if end is None else end
        self._check_numbers([standing.evaluations - 1 for standing in found], range(first, end))
        if any(standing.steps < 0 or standing.seconds < 0 for standing in found):
            raise self._damaged("the steps or seconds of a candidate are negative")
        return found

    def keep(
        self,
        candidate: Candidate,
        proposal: Proposal,
        *,
        objectives: Point | None,
        joined: bool,
        displaces: Sequence[int],
        standing: Milestone,
    ) -> None:
        """Write a candidate down; its weights only where it joined the front.

        Args:
            candidate: To write down.
            proposal: That it came of.
            objectives: What it is judged by; none where it was not done.
            joined: Whether it joined the front.
            displaces: Numbers of those that it displaced from there.
            standing: Where the run stands after it.
        """
        payload, details = outcome_details(candidate.outcome)
        weights = load_tensors(candidate.weights) if joined and candidate.weights else None
        details = replace(
            with_application(details, candidate.application),
            arm=self.arm,
            number=candidate.number,
            parent=candidate.parent,
            founder=candidate.family,
            hash=proposal.digest or details.hash,
            joined=joined,
            objectives=objectives,
            standing=standing,
        )
        self.store.add(
            f"{self.arm}/candidate/{candidate.number}".lstrip("/"),
            payload | {"algorithm": dict(proposal.state)},
            weights=weights,
            status=candidate.outcome.status,
            reason=candidate.outcome.reason,
            details=details,
            displaces=displaces,
        )

    def candidates(self) -> list[Candidate]:
        """All candidates that were written down, without weights, by number."""
        found = [candidate_of(entry) for entry in self.store.numbered(self.arm)]
        self._check_numbers([candidate.number for candidate in found], range(len(found)))
        return found

    def newest(self, *, first: int) -> list[Candidate]:
        """Candidates that were written down, from a number on, with what weights were kept, by number."""
        found = [self._with_weights(entry) for entry in self.store.numbered(self.arm, first=first)]
        end = self.store.count(self.arm)
        self._check_numbers([candidate.number for candidate in found], range(first, end))
        return found

    def front(self) -> list[Candidate]:
        """Candidates that none other dominates, with their weights, by number."""
        return [self._with_weights(entry) for entry in self.store.front(self.arm)]

    def _member(self, place: Place) -> Member:
        return Member(
            place.number, place.objectives, lambda: self._with_weights(self._numbered(place.number))
        )

    def _numbered(self, number: int) -> Entry:
        found = self.store.numbered(self.arm, first=number, end=number + 1)
        self._check_numbers([number] * len(found), range(number, number + 1))
        return found[0]

    def _with_weights(self, entry: Entry) -> Candidate:
        weights = save_tensors(self.store.load_weights(entry.weights)) if entry.weights else b""
        return replace(candidate_of(entry), weights=weights)

    def _check_numbers(self, found: list[int], expected: range) -> None:
        if found != [*expected]:
            raise self._damaged("candidates are missing, or have one number")

    def _damaged(self, why: str) -> InputError:
        return InputError(f"{self.store.folder} is damaged: {why}")


def candidate_of(entry: Entry) -> Candidate:
    """The candidate that an entry keeps, without its weights; `InputError` where it is damaged."""
    details = entry.details
    number, outcome = _whole(entry, details.number), outcome_of(entry)
    if details.joined and (outcome.status != "done" or not entry.weights or not details.objectives):
        raise InputError(f"entry {short(entry.key)} is damaged: it joined the front without what that takes")
    earlier = [each for each in (details.parent, details.founder) if each is not None and each != number]
    if details.parent == number or any(not 0 <= each < number for each in earlier):
        raise InputError(f"entry {short(entry.key)} is damaged: it descends from none that came before it")
    return Candidate(
        number=number,
        outcome=outcome,
        parent=details.parent,
        application=application_of(entry),
        founder=details.founder if details.parent is not None else None,
    )


def _whole(entry: Entry, number: int | None) -> int:
    if number is None:
        raise InputError(f"entry {short(entry.key)} is damaged: it lacks a number")
    return number

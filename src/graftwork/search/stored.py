"""A run in its store: candidates as they come, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from graftwork.errors import InputError
from graftwork.search.archive import Candidate, Member, Point
from graftwork.search.searcher import Proposal, Standpoint
from graftwork.store import Entry, Place, Standing, Store, load_tensors, save_tensors
from graftwork.trial import Application, outcome_details, outcome_of
from graftwork.variation import Site


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
        told = max(asked - window, 0)
        return Standpoint(
            members=tuple(self._member(place) for place in self.store.places(self.arm, told=told)),
            told=told,
            asked=asked,
            steps=self.standing(told).steps,
            state=self._numbered(asked - 1).payload["algorithm"] if asked else {},
            known=lambda digest: self.store.knows(self.arm, digest, told=told),
        )

    def standing(self, told: int) -> Standing:
        """Where the run stood when so many candidates were told of."""
        if told == 0:
            return Standing(evaluations=0, steps=0, seconds=0.0, hypervolume=0.0)
        return self.standings(first=told - 1, end=told)[0]

    def standings(self, *, first: int = 0, end: int | None = None) -> list[Standing]:
        """Where the run stood after its candidates, from one number to before another."""
        found = self.store.standings(self.arm, first=first, end=end)
        if len(found) < (self.store.count(self.arm) if end is None else end) - first:
            raise InputError(f"{self.store.folder} is damaged: candidates are missing")
        return found

    def keep(
        self,
        candidate: Candidate,
        proposal: Proposal,
        *,
        objectives: Point | None,
        joined: bool,
        displaces: Sequence[int],
        standing: Standing,
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
        application = candidate.application
        details = replace(
            details,
            arm=self.arm,
            number=candidate.number,
            parent=candidate.parent,
            founder=candidate.family,
            hash=proposal.digest or details.hash,
            joined=joined,
            objectives=objectives,
            standing=standing,
        )
        if application is not None:
            operator, site = application.operator, _site_to_payload(application.site)
            details = replace(details, operator=operator, site=site, seed=application.seed)
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
        return [candidate_of(entry) for entry in self.store.numbered(self.arm)]

    def newest(self, *, first: int) -> list[Candidate]:
        """Candidates that were written down, from a number on, with what weights were kept, by number."""
        return [self._with_weights(entry) for entry in self.store.numbered(self.arm, first=first)]

    def front(self) -> list[Candidate]:
        """Candidates that none other dominates, with their weights, by number."""
        return [self._with_weights(entry) for entry in self.store.front(self.arm)]

    def _member(self, place: Place) -> Member:
        return Member(
            place.number, place.objectives, lambda: self._with_weights(self._numbered(place.number))
        )

    def _numbered(self, number: int) -> Entry:
        found = self.store.numbered(self.arm, first=number, end=number + 1)
        if not found:
            raise InputError(f"{self.store.folder} is damaged: candidate {number} is missing")
        return found[0]

    def _with_weights(self, entry: Entry) -> Candidate:
        weights = save_tensors(self.store.load_weights(entry.weights)) if entry.weights else b""
        return replace(candidate_of(entry), weights=weights)


def candidate_of(entry: Entry) -> Candidate:
    """The candidate that an entry keeps, without its weights; `InputError` where it is damaged."""
    details = entry.details
    return Candidate(
        number=_whole(entry, details.number),
        outcome=outcome_of(entry),
        parent=details.parent,
        application=_application(entry),
        founder=details.founder if details.parent is not None else None,
    )


def _application(entry: Entry) -> Application | None:
    details = entry.details
    if details.operator is None:
        return None
    try:
        site = _site_from_payload(details.site or {})
    except (LookupError, TypeError) as error:
        raise InputError(f"entry {entry.key!r} is damaged: its site is {details.site}") from error
    return Application(details.operator, site, _whole(entry, details.seed))


def _whole(entry: Entry, number: int | None) -> int:
    if number is None:
        raise InputError(f"entry {entry.key!r} is damaged: it lacks a number or a seed")
    return number


def _site_to_payload(site: Site) -> dict[str, Any]:
    return {**asdict(site), "nodes": list(site.nodes)}


def _site_from_payload(kept: Any) -> Site:
    return Site(kept["kind"], tuple(kept["nodes"]), kept["layer"])

"""One attempt held to every property."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

from graftwork.testing import _sites, _structure, _training, _weights
from graftwork.testing._attempt import Applied, Attempt, Inherited
from graftwork.testing._subject import Subject
from graftwork.testing.counts import Case, Tally
from graftwork.variation import Refusal, Variation

Seen = TypeVar("Seen")
Properties = Mapping[str, Callable[[Seen], list[str] | None]]

ANSWERS, REFUSAL, DETERMINISTIC = "raises nothing", "refusal says why", "deterministic"
UNCHANGED, TRAINS, COMPLETE = "parent unchanged", "trains", "plan complete"
SITES: Properties[Attempt] = {
    "sites are of the architecture": _sites.sites_are_of_the_architecture,
    "foreign site refused": _sites.foreign_site_is_refused,
}
SHAPE: Properties[Applied] = {
    "viable": _structure.viable,
    "no duplicate connections": _structure.no_duplicate_connections,
    "nothing lost or orphaned": _structure.nothing_lost_or_orphaned,
}
STRUCTURE: Properties[Applied] = {
    "says what was done": _structure.says_what_was_done,
    "JSON round trip": _structure.round_trip,
    "canonical hash": _structure.hash_is_of_the_structure,
    "affected set": _structure.affected_set,
    "limits": _structure.limits,
}
WEIGHTS: Properties[Inherited] = {
    "kept weights": _weights.kept_weights,
    "unaffected weights": _weights.unaffected_weights,
    "something changes": _weights.something_changes,
    "inherits alike": _weights.inherits_alike,
    "preserved function": _weights.preserved_function,
    "preserved in a row": _weights.preserved_in_a_row,
}
PROPERTIES = (
    *SITES,
    ANSWERS,
    REFUSAL,
    DETERMINISTIC,
    UNCHANGED,
    *SHAPE,
    *STRUCTURE,
    COMPLETE,
    *WEIGHTS,
    TRAINS,
)


class Judge:
    """Holds one attempt to the properties and counts what comes of it."""

    def __init__(self, attempt: Attempt, tally: Tally, *, parent: int, step: int) -> None:
        self._attempt, self._tally = attempt, tally
        self._parent, self._step = parent, step
        # Written down before the operator has it.
        self._before = attempt.parent.text, attempt.parent.hash, attempt.parent.tensors
        self._donor = attempt.donor.text, attempt.donor.hash, attempt.donor.tensors
        self.sound = True

    def judge(self) -> tuple[Variation, Subject] | None:
        """The variation and the child; none where it was refused or there is no child to go on with."""
        self._all(SITES, self._attempt)
        answer = self._answer()
        found = self._child(answer) if isinstance(answer, Variation) else None
        self._take(UNCHANGED, lambda: _weights.unchanged(self._attempt))
        return found

    def _answer(self) -> Variation | Refusal | None:
        answers: list[Variation | Refusal] = []
        self._take(ANSWERS, lambda: self._apply(answers))
        if not answers:
            return None
        (answer,) = answers
        self._take(DETERMINISTIC, lambda: _alike(answer, self._attempt.apply()))
        name = self._attempt.operator.name
        if isinstance(answer, Refusal):
            self._tally.counts.refused[name] += 1
            self._take(REFUSAL, lambda: _why(answer, name))
        else:
            self._tally.counts.applied[name] += 1
        return answer

    def _apply(self, answers: list[Variation | Refusal]) -> list[str]:
        answers.append(self._attempt.apply())
        return []

    def _child(self, variation: Variation) -> tuple[Variation, Subject] | None:
        applied = Applied(self._attempt, variation)
        # Each needs what comes before it: a fault is told once, where it is.
        if not self._all(SHAPE, applied):
            return None
        self._all(STRUCTURE, applied)
        children: list[Subject] = []
        if not self._take(COMPLETE, lambda: self._inherit(variation, children)):
            return None
        inherited = Inherited(self._attempt, variation, children[0])
        self._all(WEIGHTS, inherited)
        self._take(TRAINS, lambda: self._trains(inherited))
        return variation, children[0]

    def _inherit(self, variation: Variation, children: list[Subject]) -> list[str]:
        child = Subject(self._attempt.inherit(variation), self._attempt.parent.rows)
        children.append(child)
        return _weights.plan_is_complete(Inherited(self._attempt, variation, child))

    def _trains(self, inherited: Inherited) -> list[str] | None:
        details, notes = _training.trains(inherited)
        self._tally.note(notes)
        return details

    def _all(self, properties: Properties[Seen], seen: Seen) -> bool:
        held = [self._take(name, partial(check, seen)) for name, check in properties.items()]
        return all(held)

    def _take(self, name: str, check: Callable[[], list[str] | None]) -> bool:
        """Whether a property holds; what raises does not, and what does not apply is not counted."""
        try:
            details = check()
        except Exception as error:
            details = [f"{type(error).__name__}: {error}"]
        if details is None:
            return True
        self._tally.take(self._attempt.operator.name, name, self._case(name, details) if details else None)
        self.sound = self.sound and not details
        return not details

    def _case(self, name: str, details: list[str]) -> Case:
        attempt = self._attempt
        return Case(
            parent=self._parent,
            step=self._step,
            space=attempt.space.name,
            operator=attempt.operator.name,
            site=str(attempt.site),
            seed=attempt.seed,
            property=name,
            detail="; ".join(details[:3]),
            architecture=attempt.parent.architecture.to_json(),
        )


def _alike(one: Variation | Refusal, other: Variation | Refusal) -> list[str]:
    return [] if one == other else ["applied twice with the same seed it answers differently"]


def _why(refusal: Refusal, operator: str) -> list[str]:
    if not refusal.reason.strip():
        return ["the reason is empty"]
    return [] if operator in refusal.reason else [f"the reason does not name it: {refusal.reason!r}"]

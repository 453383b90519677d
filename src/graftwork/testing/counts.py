"""How often each property was tried and broken, and the first cases in which it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

_MOST_EXAMPLES = 20


@dataclass(frozen=True, slots=True)
class Case:
    """A broken property, and how to come by it again.

    Attributes:
        parent: Number of the random parent, from 0 on.
        step: Step of its chain, from 0 on.
        space: Name of the search space.
        operator: Name of the operator.
        site: Where it was applied.
        seed: Seed with which it was applied.
        property: What it broke.
        detail: How.
        architecture: What it was applied to, as JSON.
    """

    parent: int
    step: int
    space: str
    operator: str
    site: str
    seed: int
    property: str
    detail: str
    architecture: str

    def __str__(self) -> str:
        where = f"parent {self.parent}, step {self.step}, space {self.space}, seed {self.seed}"
        return f"{self.operator} at {self.site} breaks '{self.property}' ({where}): {self.detail}"


@dataclass(frozen=True)
class Counts:
    """Sums over parents; those of two sets of parents add up.

    Attributes:
        tried: By operator and property.
        broken: By operator and property.
        applied: By operator.
        refused: By operator.
        notes: What is no fault but worth to know, such as gradients that vanish by chance.
        examples: The first broken cases.

    Example:
        >>> one = Counts(tried=Counter({("clone_network", "viable"): 2}))
        >>> (one + one).payload(["clone_network"])["operators"]
        {'clone_network': {'viable': {'tried': 4, 'broken': 0}}}
    """

    tried: Counter[tuple[str, str]] = field(default_factory=Counter)
    broken: Counter[tuple[str, str]] = field(default_factory=Counter)
    applied: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    examples: tuple[Case, ...] = ()

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            tried=self.tried + other.tried,
            broken=self.broken + other.broken,
            applied=self.applied + other.applied,
            refused=self.refused + other.refused,
            notes=self.notes + other.notes,
            examples=(*self.examples, *other.examples)[:_MOST_EXAMPLES],
        )

    def of(self, operator: str) -> dict[str, dict[str, int]]:
        """Each property of an operator: how often it was tried and broken."""
        return {
            name: {"tried": count, "broken": self.broken[operator, name]}
            for (owner, name), count in self.tried.items()
            if owner == operator
        }

    def payload(self, operators: Iterable[str]) -> dict[str, Any]:
        """As JSON values; of these operators also where nothing was tried."""
        names = list(dict.fromkeys([*operators, *(owner for owner, _ in self.tried)]))
        return {
            "operators": {name: self.of(name) for name in names},
            "applied": {name: self.applied[name] for name in names},
            "refused": {name: self.refused[name] for name in names},
            "notes": dict(self.notes),
            "broken": self.broken.total(),
            "examples": [asdict(case) for case in self.examples],
        }


class Tally:
    """Counts that are being taken."""

    def __init__(self) -> None:
        self.counts = Counts()
        self._examples: list[Case] = []

    def take(self, operator: str, name: str, broken: Case | None) -> None:
        """Count a property as tried, and as broken where there is a case of it."""
        self.counts.tried[operator, name] += 1
        if broken:
            self.counts.broken[operator, name] += 1
            self._examples.append(broken)

    def note(self, notes: Iterable[str]) -> None:
        """Count what is worth to know."""
        self.counts.notes.update(notes)

    def total(self) -> Counts:
        """What was counted."""
        return self.counts + Counts(examples=tuple(self._examples))

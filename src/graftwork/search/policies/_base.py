"""What a policy sees and decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from graftwork.search.archive import Archive, Candidate
from graftwork.variation import STRUCTURAL, Operator, Site


@dataclass(frozen=True)
class Situation:
    """What a policy sees.

    Attributes:
        parent: The candidate that is to be varied.
        archive: All that was evaluated.
        operators: What may be applied.
    """

    parent: Candidate
    archive: Archive
    operators: tuple[Operator, ...] = STRUCTURAL

    def options(self) -> list[Choice]:
        """Every operator at every one of its sites."""
        architecture = self.parent.architecture
        return [
            Choice(operator, site) for operator in self.operators for site in operator.sites(architecture)
        ]


@dataclass(frozen=True)
class Choice:
    """An operator and where to apply it."""

    operator: Operator
    site: Site


class Policy(Protocol):
    """Picks operator and site; a new one is one file.

    Attributes:
        name: Its name on the command line.
        needs_diagnosis: Whether candidates must be diagnosed, which costs time.
    """

    name: ClassVar[str]
    needs_diagnosis: ClassVar[bool]

    def choose(self, situation: Situation, rng: np.random.Generator) -> Choice:
        """One of `situation.options()`."""
        ...


def uniform_choice(choices: list[Choice], rng: np.random.Generator) -> Choice:
    """An operator uniformly among those that have a site, then a site uniformly among its own."""
    names = sorted({choice.operator.name for choice in choices})
    name = names[int(rng.integers(len(names)))]
    own = [choice for choice in choices if choice.operator.name == name]
    return own[int(rng.integers(len(own)))]

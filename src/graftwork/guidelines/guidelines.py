"""A set of guidelines, the study that it came from, and what it expects of an operator at a site."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from graftwork.documents import faults, parse, read_text, short
from graftwork.errors import InputError
from graftwork.guidelines.guideline import Guideline
from graftwork.study import Interval

if TYPE_CHECKING:
    from pydantic import TypeAdapter

SCHEMA_VERSION = 1
_MOST_VALUES = 20_000
_MOST_LOGARITHM = 100.0


@dataclass(frozen=True)
class Guidelines:
    """Guidelines and where they come from.

    Attributes:
        guidelines: Those that survived.
        studies: Designs of the studies behind them.
        tested: How many hypotheses were tested on the second half of the parents.
        spread: Standard deviation of one record's change, by response: what chance does to a single
            application.
        version: Of the schema.
    """

    guidelines: tuple[Guideline, ...]
    studies: tuple[dict[str, Any], ...] = ()
    tested: int = 0
    spread: Mapping[str, float] = field(default_factory=dict)
    version: int = SCHEMA_VERSION

    def matching(self, operator: str, features: Mapping[str, float]) -> dict[str, Guideline]:
        """The most specific guideline for each aim that speaks of an operator at a site."""
        found: dict[str, Guideline] = {}
        for guideline in sorted(self.guidelines, key=lambda g: len(g.when)):
            if guideline.applies(operator, features):
                found[guideline.aim] = guideline
        return found

    def expected(self, operator: str, features: Mapping[str, float]) -> dict[str, Interval]:
        """Expected change of each response that a guideline speaks of; silence means no change."""
        return {aim: guideline.expect[aim] for aim, guideline in self.matching(operator, features).items()}

    @property
    def digest(self) -> str:
        """SHA-256 of the JSON, by which a run knows what guided it."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def to_json(self) -> str:
        """As JSON, with the version of its schema."""
        return _adapter().dump_json(self, indent=2).decode()

    @classmethod
    def from_json(cls, text: str) -> Self:
        """From JSON; in bounded time and memory, whatever the text.

        Raises:
            InputError: It is not JSON, is cut short, too large, of a newer version, or not of the schema.
        """
        from pydantic import ValidationError

        try:
            guidelines = _adapter().validate_python(parse(text, "the guidelines", most_values=_MOST_VALUES))
        except ValidationError as error:
            raise InputError(f"these are no guidelines: {faults(error)}") from None
        if guidelines.version != SCHEMA_VERSION:
            raise InputError(
                f"guidelines of schema version {guidelines.version}, "
                f"but this program reads version {SCHEMA_VERSION}"
            )
        for guideline in guidelines.guidelines:
            _check_logarithms(guideline)
        return guidelines  # type: ignore[return-value]

    @classmethod
    def load(cls, path: Path) -> Self:
        """From a file; `InputError` names it where it cannot be read."""
        text = read_text(path, "guidelines")
        try:
            return cls.from_json(text)
        except InputError as error:
            raise InputError(f"'{path}': {error}") from error


def _check_logarithms(guideline: Guideline) -> None:
    for response, change in guideline.expect.items():
        largest = max(change.median, change.low, change.high, key=abs)
        if not response.startswith("skill:") and abs(largest) > _MOST_LOGARITHM:
            raise InputError(
                f"a guideline expects {largest} of {short(response)}, but the logarithm of a ratio must be "
                f"between {-_MOST_LOGARITHM} and {_MOST_LOGARITHM}"
            )


@cache
def _adapter() -> TypeAdapter[Guidelines]:
    from pydantic import TypeAdapter

    return TypeAdapter(Guidelines)

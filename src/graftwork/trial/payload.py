"""Outcomes as plain JSON values, checked on the way back."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from graftwork.architecture import require_viable
from graftwork.documents import faults
from graftwork.errors import InputError
from graftwork.trial._trial import Outcome

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@cache
def _adapter() -> TypeAdapter[Outcome]:
    from pydantic import TypeAdapter

    return TypeAdapter(Outcome)


def to_payload(outcome: Outcome) -> dict[str, Any]:
    """An outcome as JSON values."""
    payload: dict[str, Any] = _adapter().dump_python(outcome, mode="json")
    # A set has another order in every process.
    return payload | {"trained": sorted(outcome.trained)}


def from_payload(payload: Mapping[str, Any]) -> Outcome:
    """The outcome that was kept; `InputError` where it is damaged."""
    from pydantic import ValidationError

    try:
        outcome = _adapter().validate_python(payload)
    except ValidationError as error:
        raise InputError(f"a kept outcome is damaged: {faults(error)}") from None
    if outcome.architecture is not None:
        require_viable(outcome.architecture)
    return outcome

"""One row of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What a run keeps of one finished piece of work.

    Attributes:
        key: Its name, unique in the run.
        status: How it ended, such as "done" or "failed".
        reason: Why it ended so, where that needs saying.
        payload: What was found, as JSON holds it: lists for tuples.
        weights: The hash under which its weights lie, if it has any.
    """

    key: str
    status: str
    reason: str | None
    payload: dict[str, Any]
    weights: str | None

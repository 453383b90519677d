"""One part of a report."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a report.

    Attributes:
        title: Its heading, as plain text.
        html: Its content, as HTML that is safe to show: whatever came from users is escaped in it already.
        lead: One sentence, as plain text, of what there is to see.
    """

    title: str
    html: str
    lead: str = ""

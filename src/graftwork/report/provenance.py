"""What was run."""

from __future__ import annotations

from collections.abc import Mapping

from graftwork.report._markup import table
from graftwork.report.section import Section


def provenance_section(facts: Mapping[str, str]) -> Section:
    """What was run, so that it can be run again: seed, versions, cost, command.

    Args:
        facts: What a reader is told, by name.
    """
    html = table("What was run", ["what", "value"], list(facts.items()), words=("value",))
    return Section(
        "What was run", html, "The same command with the same seed and versions gives the same result."
    )

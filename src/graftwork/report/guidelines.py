"""Guidelines in English."""

from __future__ import annotations

from graftwork.guidelines import Guidelines
from graftwork.report._format import counted, typeset
from graftwork.report._markup import bullets, heading, paragraph
from graftwork.report.section import Section

_HEADINGS = {"do": "Do", "avoid": "Avoid"}


def guidelines_section(guidelines: Guidelines) -> Section:
    """What a study advises: what to do and what to avoid, or that nothing survived the test."""
    kept = guidelines.guidelines
    if not kept:
        return Section("Guidelines", paragraph(_NONE), _none(guidelines.tested))
    html = ""
    for verdict, name in _HEADINGS.items():
        sentences = [typeset(guideline.sentence()) for guideline in kept if guideline.verdict == verdict]
        if sentences:
            html += heading(name) + bullets(sentences)
    html += paragraph(_HOW)
    verb = "survives" if len(kept) == 1 else "survive"
    lead = f"{len(kept)} of {counted(guidelines.tested, 'hypothesis', 'hypotheses')} {verb} the test."
    if all(guideline.aim == "parameters" for guideline in kept):
        lead += (
            " It speaks of size, not of skill." if len(kept) == 1 else " All speak of size, none of skill."
        )
    return Section("Guidelines", html, lead)


_HOW = (
    "Hypotheses were found on one half of the parent models and tested on the other half. A guideline is "
    "kept when its effect there stands out from chance after correction for the number of hypotheses: q is "
    "its corrected p, and of guidelines kept up to some q no more than that share is false on average. "
    "Brackets are 95 % intervals."
)
_NONE = (
    "Hypotheses are found on one half of the parent models and tested on the other half, after correction "
    "for their number. Small studies seldom have the power to pass; more parents may change that."
)


def _none(tested: int) -> str:
    if not tested:
        return "No guideline: no hypothesis was strong enough to be tested."
    count = counted(tested, "hypothesis was", "hypotheses were")
    return f"No guideline survived: {count} tested, and none held."

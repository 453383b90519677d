"""Where outputs pull apart what they share."""

from __future__ import annotations

from graftwork.diagnosis import Diagnosis
from graftwork.report._heat_map import Findings, heat_map
from graftwork.report._markup import paragraph
from graftwork.report.section import Section

_TITLE = "Where outputs pull apart"
_NOTE = (
    "The cosine between the gradients of two outputs by what they share: 1 where they want the same change, "
    "-1 where they want opposite ones. What has been trained to its end has gradients that cancel, so that "
    "mild conflicts are as common as not."
)


def conflicts_section(diagnosis: Diagnosis) -> Section:
    """Cosines of gradients, part by pair of outputs, and how many oppose each other beyond doubt."""
    found: Findings = {
        (f.component, str(f.output)): f
        for f in diagnosis.findings
        if f.metric == "gradient_cosine" and f.output
    }
    if not found:
        measured = "gradient_conflict" in diagnosis.metrics
        said = "No two outputs share a network." if measured else "It was not measured."
        return Section(_TITLE, paragraph(said))
    conflicts = diagnosis.conflicts()
    html = heat_map("Cosine of the gradients of two outputs", found, scale=1.0, corner="part") + paragraph(
        _NOTE
    )
    lead = (
        f"In {len(conflicts)} of {len(found)} places two outputs oppose each other by more than twice the "
        "standard error."
    )
    return Section(_TITLE, html, lead)

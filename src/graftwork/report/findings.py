"""What a diagnosis found, one sentence each."""

from __future__ import annotations

from graftwork.diagnosis import Diagnosis, sentences
from graftwork.report._format import counted, typeset
from graftwork.report._markup import bullets, paragraph
from graftwork.report.section import Section

_NOTE = (
    "What removing costs at most is the upper end of a 95 % interval, for the output that loses most and "
    "with the rest of the model left as it is. Training what is left wins some of it back as a rule; in a "
    "trial on digits nine costs in ten stayed below it."
)


def findings_section(diagnosis: Diagnosis) -> Section:
    """The sentences of a diagnosis as a list."""
    told = sentences(diagnosis)
    if not told:
        return Section("What was found", paragraph("Nothing of what was measured stands out."))
    html = bullets(typeset(sentence) for sentence in told)
    html += paragraph(_NOTE) if any("removing" in sentence for sentence in told) else ""
    return Section("What was found", html, f"{counted(len(told), 'finding')}, those of need first.")

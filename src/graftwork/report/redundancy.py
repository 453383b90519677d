"""Which networks hold the same."""

from __future__ import annotations

from graftwork.diagnosis import Diagnosis, cost_at_most
from graftwork.report._format import NONE, counted, number
from graftwork.report._heat_map import Findings, heat_map
from graftwork.report._markup import details, paragraph, table
from graftwork.report.section import Section

_TITLE = "Which networks hold the same"
_ALIKE = 0.9


def redundancy_section(diagnosis: Diagnosis) -> Section:
    """Pairs of networks that hold the same, with what either costs, and the similarity of all pairs."""
    found: Findings = {
        (f.component, str(f.output)): f for f in diagnosis.findings if f.metric == "cka" and f.output
    }
    if not found:
        said = "cka" in diagnosis.metrics or "redundancy" in diagnosis.metrics
        return Section(_TITLE, paragraph("There is one network alone." if said else "It was not measured."))
    pairs = diagnosis.redundant_pairs(_ALIKE)
    html = ""
    if pairs:
        rows = [
            [
                f"{f.component} and {other}",
                f"{number(f.value, 2)} ± {number(f.error, 2)}",
                *(_cost(diagnosis, name) for name in (f.component, other)),
            ]
            for f, other in pairs
        ]
        columns = ["networks", "CKA", "the first costs at most", "the second costs at most"]
        html += table("Redundant pairs, and the skill that removing either would cost", columns, rows)
    names = sorted({name for name, _ in found})
    ordered = {(a, b): found[a, b] for a in names for b in names if (a, b) in found}
    html += details("All pairs", heat_map("Linear CKA of any two networks, 0 to 1", ordered, scale=1.0))
    have = {0: "none has", 1: "1 has"}.get(len(pairs), f"{len(pairs)} have")
    lead = (
        f"Of {counted(len(found) // 2, 'pair')}, {have} a linear CKA of {_ALIKE} or more: one holds what the "
        "other holds, up to rotation and scale."
    )
    return Section(_TITLE, html, lead)


def _cost(diagnosis: Diagnosis, component: str) -> str:
    cost = cost_at_most(diagnosis, component)
    return NONE if cost is None else number(cost)

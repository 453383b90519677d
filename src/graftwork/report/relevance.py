"""Which part of a model matters for which output."""

from __future__ import annotations

from graftwork.diagnosis import Diagnosis, Finding
from graftwork.report._format import listed
from graftwork.report._heat_map import Findings, heat_map
from graftwork.report._markup import paragraph
from graftwork.report.section import Section

_TITLE = "Which part matters for which output"
_METRICS = {
    "relevance_weights": "Skill lost when the weights of a network are drawn anew at random",
    "relevance_permutation": "Skill lost when a network's answers are shuffled among rows",
}
_NAMED_FROM = 0.02


def relevance_section(diagnosis: Diagnosis) -> Section:
    """Relevance of every network for every output as heat maps, with standard errors."""
    tables = {metric: _findings(diagnosis, metric) for metric in _METRICS}
    measured = {metric: findings for metric, findings in tables.items() if findings}
    if not measured:
        return Section(_TITLE, paragraph("No relevance was measured."))
    apart = {(f.component, f.output) for f in diagnosis.findings if f.metric == "reaches" and f.value == 0}
    # A single broken part can cost a skill of many; the scale ends at 1, where all skill is lost.
    html = "".join(heat_map(_METRICS[metric], findings, apart) for metric, findings in measured.items())
    html += paragraph(
        "± is the standard error over repeats. Losses above 1 happen: a model with a broken part can be "
        "worse than one that never looks at its input. For what is generated it is the skill of rebuilding "
        "given arrays that counts, for classification that of the log loss."
    )
    lead = "The darker, the more skill of the output is lost when the network is disturbed. "
    return Section(_TITLE, html, lead + _reading(next(iter(measured.values()))))


def _findings(diagnosis: Diagnosis, metric: str) -> Findings:
    return {
        (f.component, f.output): f for f in diagnosis.findings if f.metric == metric and f.output is not None
    }


def _reading(findings: Findings) -> str:
    """Which network each output needs most, and which networks none needs."""
    needed: dict[str, list[str]] = {}
    for output in dict.fromkeys(output for _, output in findings):
        most = max((f for (_, o), f in findings.items() if o == output), key=lambda f: f.value)
        if _matters(most):
            needed.setdefault(most.component, []).append(output)
    idle = [
        component
        for component in dict.fromkeys(component for component, _ in findings)
        if not any(_matters(f) for (c, _), f in findings.items() if c == component)
    ]
    said = "; ".join(f"{component} (for {listed(outputs)})" for component, outputs in needed.items())
    needs = f"Most needed: {said}. " if said else "No output needs any one network. "
    return needs + (f"Of little use to any output: {listed(idle)}." if idle else "")


def _matters(finding: Finding) -> bool:
    return finding.value > max(_NAMED_FROM, 2 * finding.error)

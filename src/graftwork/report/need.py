"""The architecture, its parts coloured by how much an output needs them."""

from __future__ import annotations

from collections.abc import Sequence

from graftwork.architecture import Architecture, draw_svg
from graftwork.diagnosis import Diagnosis, Finding, is_connection, need_metric
from graftwork.report._format import plain
from graftwork.report._heat_map import Findings, heat_map
from graftwork.report._markup import details, figure, heading, paragraph
from graftwork.report.section import Section

_TITLE = "Which part each output needs"
_OPEN = 3
_NOTE = (
    "A need above 1 happens: a model with a broken part can be worse than one that never looks at its "
    "input. For what is generated it is the skill of rebuilding given arrays that counts, for classification "
    "that of the log loss."
)


def need_section(architecture: Architecture, diagnosis: Diagnosis) -> Section:
    """A heat map of need, and a drawing an output; the rest of what tells of need when asked for.

    Args:
        architecture: Of the model.
        diagnosis: Of the same model.
    """
    metric = need_metric(diagnosis)
    if metric is None:
        return Section(_TITLE, paragraph("No relevance was measured."))
    apart = {(f.component, f.output) for f in diagnosis.findings if f.metric == "reaches" and f.value == 0}
    order = [*(part.name for part in architecture.networks), *(port.name for port in architecture.outputs)]
    html = _map(diagnosis, metric, apart, order) + paragraph(_NOTE)
    for place, output in enumerate(node.name for node in architecture.outputs):
        drawn = heading(output) + _drawing(architecture, diagnosis, metric, output)
        html += drawn if place < _OPEN else details(f"Need of {output}", drawn)
    others = [
        name for name in diagnosis.metrics if name not in (metric, "reaches") and _tells(diagnosis, name)
    ]
    if others:
        maps = "".join(_map(diagnosis, name, apart, order) for name in others)
        html += details("By other metrics", maps)
    says = diagnosis.info(metric).says
    return Section(_TITLE, html, f"The darker, the more needed: {says}; ± is the standard error.")


def _tells(diagnosis: Diagnosis, metric: str) -> bool:
    info = diagnosis.info(metric)
    return info.about == "output" and info.direction in ("more needed", "less needed")


def _map(diagnosis: Diagnosis, metric: str, apart: set[tuple[str, str | None]], order: Sequence[str]) -> str:
    found: Findings = {
        (f.component, str(f.output)): f
        for f in sorted(diagnosis.findings, key=lambda f: _place(f, order))
        if f.metric == metric and f.output
    }
    info = diagnosis.info(metric)
    scale = None if info.unit == "skill" else max((f.value for f in found.values()), default=0.0)
    caption = f"{plain(metric).capitalize()}, in {info.unit} (higher = {info.direction}): {info.says}"
    corner = "part" if any(is_connection(component) for component, _ in found) else "network"
    # A probe or a mutual information is read from activations, whether or not there is a way to the output.
    disturbs = metric.startswith(("relevance", "saliency"))
    return heat_map(caption, found, apart if disturbs else (), scale=scale, corner=corner)


def _place(finding: Finding, order: Sequence[str]) -> tuple[int, ...]:
    """Networks and outputs as in the architecture, connections after networks."""
    names = (finding.component, str(finding.output))
    return tuple(order.index(name) if name in order else len(order) for name in names)


def _drawing(architecture: Architecture, diagnosis: Diagnosis, metric: str, output: str) -> str:
    needs = {
        f.component: min(max(f.value, 0.0), 1.0)
        for f in diagnosis.findings
        if f.metric == metric and f.output == output and f.component in architecture.network_names
    }
    caption = (
        f"Networks by how much {output} needs them, from 0 (light, not at all) to 1 (dark, all of its skill)."
    )
    return figure(draw_svg(architecture, values=needs), caption, place="drawing")

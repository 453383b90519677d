"""Each part by itself."""

from __future__ import annotations

from graftwork.diagnosis import WHOLE, Diagnosis
from graftwork.report._format import NONE, number, plain
from graftwork.report._markup import details, table
from graftwork.report.section import Section


def parts_section(diagnosis: Diagnosis) -> Section:
    """Figures of parts alone, of the model as a whole, and how every figure is read."""
    alone = [
        name
        for name in diagnosis.metrics
        if diagnosis.info(name).about == "component alone" and _of_parts(diagnosis, name)
    ]
    html = _alone(diagnosis, alone) if alone else ""
    whole = [f for f in diagnosis.findings if f.component == WHOLE]
    if whole:
        rows = [[f.output or "all outputs", plain(f.metric), _written(f.value, f.error)] for f in whole]
        html += table("The model as a whole", ["output", "figure", "value"], rows, words=("figure",))
    infos = [diagnosis.info(name) for name in diagnosis.metrics]
    rows = [[plain(i.name), i.unit, _higher(i.direction), i.says] for i in infos]
    columns = ["figure", "unit", "higher", "what it is"]
    html += details("How figures are read", table("Figures", columns, rows, words=columns[1:]))
    return Section("Each part by itself", html, "What a part is like, whatever it is for.")


def _of_parts(diagnosis: Diagnosis, metric: str) -> bool:
    return any(f.metric == metric and f.component != WHOLE for f in diagnosis.findings)


def _alone(diagnosis: Diagnosis, metrics: list[str]) -> str:
    found = {(f.component, f.metric): f for f in diagnosis.findings if f.output is None}
    parts = dict.fromkeys(name for name, metric in found if metric in metrics)
    rows = [
        [part, *(_written(f.value, f.error) if (f := found.get((part, m))) else NONE for m in metrics)]
        for part in parts
    ]
    return table("Figures of each part", ["part", *map(plain, metrics)], rows)


def _higher(direction: str) -> str:
    return "neither good nor bad" if direction == "neither" else direction


def _written(value: float, error: float) -> str:
    if not error and value == int(value):
        return f"{value:.0f}"
    return f"{number(value)} ± {number(error)}" if error else number(value)

"""Components by outputs, the darker the more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graftwork.diagnosis import Finding
from graftwork.report._format import NONE, number
from graftwork.report._markup import Cell, table

Findings = Mapping[tuple[str, str], Finding]


def heat_map(
    caption: str,
    findings: Findings,
    apart: Iterable[tuple[str, str | None]] = (),
    *,
    scale: float | None = None,
    corner: str = "network",
) -> str:
    """A table of figures with their errors, shaded.

    Args:
        caption: What the figures are.
        findings: By row and column.
        apart: Rows and columns between which there is no way.
        scale: The value that is as dark as it gets; the greatest one unless told, but 1 at most.
        corner: What the rows are.
    """
    rows = list(dict.fromkeys(row for row, _ in findings))
    columns = list(dict.fromkeys(column for _, column in findings))
    greatest = max((f.value for f in findings.values()), default=0.0)
    darkest = min(greatest, 1.0) if scale is None else scale
    ways = set(apart)
    cells: list[list[str | Cell]] = [
        [row, *(_cell(findings.get((row, c)), darkest, apart=(row, c) in ways) for c in columns)]
        for row in rows
    ]
    return table(caption, [corner, *columns], cells)


def _cell(finding: Finding | None, darkest: float, *, apart: bool) -> Cell:
    if apart:
        return Cell("no path")
    if finding is None:
        return Cell(NONE)
    heat = min(abs(finding.value) / darkest, 1.0) if darkest > 0 else 0.0
    return Cell(number(finding.value), f"± {number(finding.error)}", heat, finding.value < 0)

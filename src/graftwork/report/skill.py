"""Best skill so far of every output against evaluations."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from graftwork.report._bands import Rows, paint_bands, stacked
from graftwork.report._figure import PANEL, plot
from graftwork.report._format import short
from graftwork.report._markup import figure, panels, paragraph
from graftwork.report.progress import band_caption
from graftwork.report.section import Section

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Curve = Sequence[Mapping[str, float]]
_TITLE = "Skill of each output"
_FLOOR, _HEIGHT = -0.1, 260.0


def skill_section(curves: Mapping[str, Sequence[Curve]]) -> Section:
    """How the best skill of every output grew, one panel an output.

    Args:
        curves: By policy, one a seed: after each candidate, the best skill so far by output
            (`PolicyRun.skills`).
    """
    told = {policy: [run for run in runs if run] for policy, runs in curves.items()}
    told = {policy: runs for policy, runs in told.items() if runs}
    outputs = sorted({name for runs in told.values() for run in runs for after in run for name in after})
    if not outputs:
        return Section(_TITLE, paragraph("No candidate was evaluated to the end."))
    drawn = panels([_panel(output, told) for output in outputs])
    caption = f"{band_caption(max(len(runs) for runs in told.values()))} Each panel has a scale of its own."
    lead = (
        "The best skill that any candidate so far had for each output, on validation rows: "
        "1 is perfect, 0 is what answering without looking at the input gives."
    )
    return Section(_TITLE, figure(drawn, caption, place="panels"), lead)


def _panel(output: str, runs: Mapping[str, Sequence[Curve]]) -> str:
    series = {policy: _rows(output, own) for policy, own in runs.items()}
    series = {policy: rows for policy, rows in series.items() if not math.isnan(rows[:, -1].max())}
    finals = ", ".join(f"{policy} {rows[:, -1].mean():.3f}" for policy, rows in series.items())
    label = f"Best skill of {output} against candidates evaluated; mean at the end: {finals}"
    return plot(partial(_paint, series=series, output=output), label=label, width=PANEL, height=_HEIGHT)


def _paint(axes: Axes, series: Mapping[str, Rows], output: str) -> None:
    axes.set_title(short(output))
    paint_bands(axes, series, ylabel="best skill so far", height=_HEIGHT, floor=_FLOOR)


def _rows(output: str, runs: Sequence[Curve]) -> Rows:
    return stacked([[after.get(output, math.nan) for after in run] for run in runs])

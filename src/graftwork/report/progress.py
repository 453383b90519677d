"""Hypervolume against evaluations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from graftwork.report._bands import paint_bands, stacked
from graftwork.report._figure import plot
from graftwork.report._format import counted
from graftwork.report._markup import figure, paragraph
from graftwork.report.section import Section
from graftwork.search import Comparison, Milestone

Histories = Mapping[str, Sequence[Sequence[Milestone]]]
_TITLE, _TITLE_OF_MANY = "Progress of the search", "Progress of each policy"
_HEIGHT = 310.0
_LEAD = "Higher and sooner is better: the hypervolume grows as candidates get more skilful and smaller."
_FAIR = "All policies had the same budget and began with the same architectures."


def progress_section(progress: Comparison | Histories) -> Section:
    """How the hypervolume of each policy grew.

    Args:
        progress: A comparison, or histories of runs by policy, one a seed.

    Returns:
        A plot of the median over seeds, with a band from the lowest to the highest.
    """
    histories = _histories(progress) if isinstance(progress, Comparison) else progress
    told = {policy: [run for run in runs if run] for policy, runs in histories.items()}
    told = {policy: runs for policy, runs in told.items() if runs}
    if not told:
        return Section(_TITLE, paragraph("No candidate was evaluated."))
    series = {
        policy: stacked([[milestone.hypervolume for milestone in run] for run in runs])
        for policy, runs in told.items()
    }
    finals = ", ".join(f"{policy} {rows[:, -1].mean():.3f}" for policy, rows in series.items())
    label = f"Hypervolume against candidates evaluated; mean at the end: {finals}"
    paint = partial(paint_bands, series=series, ylabel="hypervolume", height=_HEIGHT)
    svg = plot(paint, label=label, width=560, height=_HEIGHT)
    many = isinstance(progress, Comparison)
    lead, title = (f"{_LEAD} {_FAIR}", _TITLE_OF_MANY) if many else (_LEAD, _TITLE)
    seeds = max(len(rows) for rows in series.values())
    return Section(title, figure(svg, band_caption(seeds)), lead)


def band_caption(seeds: int) -> str:
    """What lines and bands are."""
    if seeds == 1:
        return "One run, so there is no band."
    return f"Line: median of {counted(seeds, 'seed')}. Band: from the lowest to the highest of them."


def _histories(comparison: Comparison) -> dict[str, list[Sequence[Milestone]]]:
    histories: dict[str, list[Sequence[Milestone]]] = {}
    for run in comparison.runs:
        histories.setdefault(run.policy, []).append(run.history)
    return histories

"""Runs over evaluations: the median of the seeds as a line, their range as a band, named at its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from graftwork.report._format import short
from graftwork.report._palette import policy_colours

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Rows = NDArray[np.float64]
Floor = float | None
_LINE, _ROOM = 15.0, 7.4
# What title, ticks and labels take of the height of a plot.
_AROUND = 75.0


def stacked(runs: Sequence[Sequence[float]]) -> Rows:
    """Runs as rows of one length: a run that ended sooner stays where it ended.

    Example:
        >>> stacked([[1.0, 2.0], [3.0]]).tolist()
        [[1.0, 2.0], [3.0, 3.0]]
    """
    longest = max(len(run) for run in runs)
    return np.array([[*run, *[run[-1]] * (longest - len(run))] for run in runs], dtype=float)


def paint_bands(
    axes: Axes, series: Mapping[str, Rows], *, ylabel: str, height: float, floor: Floor = None
) -> None:
    """Draw policies into axes.

    Args:
        axes: Where to.
        series: Of every policy, a row a seed and a column an evaluation; NaN where there is nothing yet.
        ylabel: What is on the vertical axis.
        height: Of the plot, in pixels.
        floor: What the vertical axis does not go below.
    """
    from matplotlib.ticker import MaxNLocator

    colours = policy_colours(series)
    ends: dict[str, tuple[float, float]] = {}
    for policy, rows in series.items():
        shown = ~np.isnan(rows).all(axis=0)
        x, kept = np.arange(1, rows.shape[1] + 1)[shown], rows[:, shown]
        middle = np.nanmedian(kept, axis=0)
        colour = colours[policy]
        axes.fill_between(
            x, np.nanmin(kept, axis=0), np.nanmax(kept, axis=0), step="post", color=colour, alpha=0.16, lw=0
        )
        axes.plot(x, middle, drawstyle="steps-post", color=colour, lw=2)
        ends[policy] = (float(x[-1]), float(middle[-1]))
    axes.set_xlabel("candidates evaluated")
    axes.set_ylabel(ylabel)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.grid(visible=False, axis="x")
    _bound(axes, floor)
    _name(axes, ends, colours, height)


def _bound(axes: Axes, floor: Floor) -> None:
    axes.margins(x=0)
    low, high = axes.get_ylim()
    if floor is not None and low < floor < high:
        axes.set_ylim(floor, high)


def _name(
    axes: Axes, ends: Mapping[str, tuple[float, float]], colours: Mapping[str, str], height: float
) -> None:
    """Write each name beside the end of its line, moved where two would meet."""
    low, high = axes.get_ylim()
    unit = (high - low) / max(height - _AROUND, _LINE)
    names = sorted(ends, key=lambda name: ends[name][1])
    heights = spread([min(max(ends[name][1], low), high) for name in names], _LINE * unit)
    for name, place in zip(names, heights, strict=True):
        axes.annotate(
            short(name),
            (ends[name][0], place),
            xytext=(_ROOM, 0),
            textcoords="offset points",
            va="center",
            color=colours[name],
            fontweight="bold",
            annotation_clip=False,
        )


def spread(heights: Sequence[float], gap: float) -> list[float]:
    """Rising heights moved apart, as a group around where they were, until each is a gap from the next.

    Example:
        >>> spread([0.0, 0.0, 5.0], 2.0)
        [-1.0, 1.0, 5.0]
    """
    groups: list[list[float]] = []
    for height in heights:
        groups.append([height])
        while len(groups) > 1 and _placed(groups[-2], gap)[-1] + gap > _placed(groups[-1], gap)[0]:
            last = groups.pop()
            groups[-1] += last
    return [place for group in groups for place in _placed(group, gap)]


def _placed(group: Sequence[float], gap: float) -> list[float]:
    start = sum(group) / len(group) - gap * (len(group) - 1) / 2
    return [start + gap * index for index in range(len(group))]

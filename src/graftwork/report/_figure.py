"""Plots as inline SVG: the same for the same data, in the page's colours and fonts, with ids of their own."""

from __future__ import annotations

import hashlib
import io
import re
import warnings
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any

from graftwork.report._palette import INK, MUTED, RULE, themed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_POINTS_AN_INCH = 72
_FONT_SIZE = 12.0
# What fits three times beside each other on a page of the usual width, at natural size.
PANEL = 345.0
_STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "graftwork",
    "text.parse_math": False,
    "font.family": "DejaVu Sans",
    "font.size": _FONT_SIZE,
    "axes.titlesize": _FONT_SIZE + 1,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 10.0,
    "axes.titlecolor": INK,
    "axes.labelsize": _FONT_SIZE,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": RULE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": RULE,
    "grid.linewidth": 0.7,
    "lines.solid_capstyle": "round",
    "text.color": INK,
    **{
        f"{axis}tick.{what}": value
        for axis in "xy"
        for what, value in (("labelsize", _FONT_SIZE - 1), ("color", RULE), ("labelcolor", MUTED))
    },
}
_BEFORE = re.compile(r"^.*?(?=<svg)", re.DOTALL)
# A style sheet inside an inline SVG would hold for the whole page.
_EXTRAS = re.compile(r"<metadata>.*?</metadata>|<style.*?</style>", re.DOTALL)
_SIZE = re.compile(r'width="[\d.]+pt" height="[\d.]+pt"')
_FONTS = re.compile(r"'DejaVu Sans'[^;\"]*")
_ID = re.compile(r' id="([^"]*)"')
_REFERENCE = re.compile(r'(?:href="|url\()#([^")]+)')


def plot(paint: Callable[[Axes], None], *, label: str, width: float, height: float) -> str:
    """One plot.

    Args:
        paint: Draws into the axes that it is given.
        label: What the plot shows, for those who cannot see it.
        width: In pixels at natural size.
        height: The same.

    Returns:
        An `<svg>` element to stand in HTML. Its colours are variables of the page (`_palette`).
    """
    from matplotlib import style
    from matplotlib.figure import Figure

    with style.context(["default", _STYLE]), warnings.catch_warnings():
        # Letters that the measuring font lacks are shown in the reader's own.
        warnings.filterwarnings("ignore", "Glyph .* missing from")
        drawn = Figure(figsize=(width / _POINTS_AN_INCH, height / _POINTS_AN_INCH), layout="constrained")
        paint(drawn.subplots())
        buffer = io.StringIO()
        drawn.savefig(buffer, format="svg", metadata={"Date": None}, transparent=True)
    return _inline(buffer.getvalue(), label, width)


def _inline(document: str, label: str, width: float) -> str:
    svg = _EXTRAS.sub("", _BEFORE.sub("", document))
    style = f"max-width: {1.25 * width:.0f}px; stroke-linejoin: round; stroke-linecap: butt"
    root = f'class="chart" role="img" aria-label="{escape(label)}" style="{style}"'
    svg = _SIZE.sub(lambda _: root, svg, count=1)
    return themed(_FONTS.sub("system-ui, sans-serif", _own_ids(svg)))


def _own_ids(svg: str) -> str:
    """Ids that no other plot of the page has; those that nothing refers to are dropped."""
    used = set(_REFERENCE.findall(svg))
    digest = hashlib.sha256(svg.encode()).hexdigest()[:10]
    svg = _ID.sub(lambda match: f' id="{digest}-{match[1]}"' if match[1] in used else "", svg)
    return _REFERENCE.sub(lambda match: match[0].replace("#", f"#{digest}-"), svg)

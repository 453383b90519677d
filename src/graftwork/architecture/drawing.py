"""An architecture as a picture: one self-contained SVG, the same for the same architecture."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

from graftwork.architecture._boxes import box_of, box_svg, family
from graftwork.architecture._graph import ROLES, Architecture, Connection
from graftwork.architecture._layout import Point, arrange
from graftwork.architecture._palette import COLOURS, FONT, INK, MUTED, STROKES, mixed
from graftwork.architecture.viability import require_viable
from graftwork.errors import InputError

_MARGIN, _TITLE_HEIGHT, _LEGEND_HEIGHT = 24.0, 34.0, 46.0
_ARROW = 8.0
_LETTER = 6.4


def draw_svg(
    architecture: Architecture, *, title: str | None = None, values: Mapping[str, float] | None = None
) -> str:
    """Draw an architecture from inputs on the left to outputs on the right.

    Args:
        architecture: A viable one.
        title: Written above it.
        values: A number between 0 and 1 for some nodes by name, such as a relevance: it is written into the
            node's box and shades it.

    Returns:
        An SVG document, without references to anything outside itself.

    Raises:
        NotViableError: The architecture breaks rules.
        InputError: A value is of no node, or not between 0 and 1.

    Example:
        >>> from graftwork.architecture import Connection, InputNode, Network, OutputNode
        >>> architecture = Architecture(
        ...     inputs=(InputNode("pixels", 64),),
        ...     outputs=(OutputNode("digit", "classification", 10),),
        ...     networks=(Network("n0", "discretizer", 10),),
        ...     connections=(Connection("pixels", "n0"), Connection("n0", "digit")),
        ... )
        >>> draw_svg(architecture, title="Smallest").startswith("<svg")
        True
    """
    require_viable(architecture)
    shades = _checked(architecture, values or {})
    boxes = [box_of(node, shades.get(name)) for name, node in architecture.by_name.items()]
    layout = arrange(architecture, {box.name: box.height for box in boxes})
    drawn = [
        _edge(architecture, connection, layout.routes[connection]) for connection in sorted(layout.routes)
    ]
    drawn += [box_svg(box, layout.corners[box.name]) for box in boxes]
    legend, legend_width = _legend(architecture, shaded=bool(shades))
    drawn.append(f'<g transform="translate(0 {layout.height + _LEGEND_HEIGHT:.1f})">{legend}</g>')
    return _document(drawn, title, max(layout.width, legend_width), layout.height + _LEGEND_HEIGHT)


def _checked(architecture: Architecture, values: Mapping[str, float]) -> Mapping[str, float]:
    for name, value in values.items():
        if name not in architecture.by_name:
            known = ", ".join(architecture.by_name)
            raise InputError(
                f"values has {name!r}, which is no node of the architecture; its nodes are {known}"
            )
        if not (math.isfinite(value) and 0 <= value <= 1):
            raise InputError(f"values[{name!r}] must be between 0 and 1, got {value!r}")
    return values


def _edge(architecture: Architecture, connection: Connection, route: Sequence[Point]) -> str:
    colour = mixed(COLOURS[family(architecture.by_name[connection.source])], 0.75)
    (end_x, end_y), half = route[-1], _ARROW / 2
    role = f"{connection.role}, pooled" if connection.reading == "pool" else connection.role
    label = escape(f"{connection.source} to {connection.target} ({role})")
    return (
        f"<g><title>{label}</title>"
        f'<path d="{_curve([*route[:-1], (end_x - _ARROW, end_y)])}" fill="none" stroke="{colour}" '
        f"{STROKES[connection.role]}/>"
        f'<path d="M{end_x:.1f} {end_y:.1f}l{-_ARROW} {-half}v{_ARROW}z" fill="{colour}"/></g>'
    )


def _curve(route: Sequence[Point]) -> str:
    """Straight along a lane, an S between two columns: level at both ends, so that it never enters a box."""
    (x, y), steps = route[0], [f"M{route[0][0]:.1f} {route[0][1]:.1f}"]
    for index, (next_x, next_y) in enumerate(route[1:]):
        middle = (x + next_x) / 2
        crossing = index % 2 == 0
        steps.append(
            f"C{middle:.1f} {y:.1f} {middle:.1f} {next_y:.1f} {next_x:.1f} {next_y:.1f}"
            if crossing
            else f"H{next_x:.1f}"
        )
        x, y = next_x, next_y
    return "".join(steps)


def _legend(architecture: Architecture, *, shaded: bool) -> tuple[str, float]:
    """What colours and strokes mean, as far as they occur, and how wide it is."""
    families = {family(node) for node in architecture.by_name.values()}
    roles = {connection.role for connection in architecture.connections}
    entries = [(f"{_swatch(COLOURS[name])}", name) for name in COLOURS if name in families]
    entries += [
        (f'<path d="M0 0H26" stroke="{MUTED}" {STROKES[role]}/>', role) for role in ROLES if role in roles
    ]
    entries += [(_swatch(MUTED), "the darker, the nearer its value is to 1")] if shaded else []
    parts: list[str] = []
    x = 0.0
    for mark, text in entries:
        parts.append(
            f'<g transform="translate({x:.1f} 0)">{mark}<text x="33" y="4" fill="{MUTED}">{text}</text></g>'
        )
        x += 33 + _LETTER * len(text) + 20
    return "".join(parts), x - 20


def _swatch(colour: str) -> str:
    fill = mixed(colour, 0.14)
    style = f'fill="{fill}" stroke="{colour}" stroke-width="1.4"'
    return f'<rect x="0" y="-7" width="26" height="14" rx="4" {style}/>'


def _document(drawn: Sequence[str], title: str | None, width: float, height: float) -> str:
    top = _MARGIN + (_TITLE_HEIGHT if title else 0.0)
    whole_width, whole_height = math.ceil(width + 2 * _MARGIN), math.ceil(top + height + _MARGIN)
    heading = (
        f'<text x="{_MARGIN}" y="36" font-size="17" font-weight="600">{escape(title)}</text>' if title else ""
    )
    label = escape(title or "Architecture")
    body = "\n".join(drawn)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{label}" '
        f'viewBox="0 0 {whole_width} {whole_height}" width="{whole_width}" height="{whole_height}" '
        f'font-family="{FONT}" font-size="12" fill="{INK}">\n'
        f'<rect width="100%" height="100%" fill="#ffffff"/>\n{heading}\n'
        f'<g transform="translate({_MARGIN} {top})">\n{body}\n</g>\n</svg>\n'
    )

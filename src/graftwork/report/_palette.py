"""Colours of the page: drawn in their light form, named in the SVG, so that the page decides by its theme."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

INK, MUTED, RULE, PAGE = "#16202e", "#5b6675", "#d5dae1", "#ffffff"
BLUE, ORANGE, GREEN, PURPLE, PINK = "#2a62c9", "#b3560b", "#0c8a68", "#7a3fc4", "#b82a6e"
COLOURS: Mapping[str, str] = {
    INK: "ink",
    MUTED: "muted",
    RULE: "rule",
    PAGE: "page",
    BLUE: "blue",
    ORANGE: "orange",
    GREEN: "green",
    PURPLE: "purple",
    PINK: "pink",
}
_SERIES = (BLUE, ORANGE, GREEN, PURPLE, PINK)
_HEX = re.compile("|".join(COLOURS))


def themed(svg: str) -> str:
    """An SVG whose colours are the page's variables."""
    return _HEX.sub(lambda match: f"var(--{COLOURS[match[0]]})", svg)


def policy_colours(policies: Iterable[str]) -> dict[str, str]:
    """A colour for each policy: grey for `random`, which the others are held against."""
    others = [policy for policy in policies if policy != "random"]
    # The policy named last is as a rule the one that a report is about, and takes the strongest colour.
    coloured = {policy: _SERIES[i % len(_SERIES)] for i, policy in enumerate(reversed(others))}
    return {"random": MUTED, **coloured}

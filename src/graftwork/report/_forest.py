"""A forest plot: what each operator does to one thing, with intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from graftwork.report._figure import PANEL, plot
from graftwork.report._format import capital, change, plain, response_name
from graftwork.report._palette import BLUE, MUTED, ORANGE, PAGE, RULE
from graftwork.study import Effect

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CONTROL = "continue"
LEVEL = 0.05
_ROW, _FRAME = 34.0, 92.0
_APART = 0.17


def forest(response: str, effects: Sequence[Effect], operators: Sequence[str]) -> str:
    """Median changes of one response as an SVG, operators from top to bottom.

    Circles are of outputs that the operator affects, diamonds of others; hollow marks may be chance. The band
    is the interval of the control.

    Args:
        response: What the effects are on.
        effects: Those on it.
        operators: All, in the order in which they are drawn.
    """
    present = [operator for operator in operators if any(e.operator == operator for e in effects)]
    label = f"Change of {response_name(response)}: " + "; ".join(
        f"{plain(effect.operator)}{_reach(effect)} {change(response, effect.change)}" for effect in effects
    )
    paint = partial(_paint, response=response, effects=effects, operators=present)
    return plot(paint, label=label, width=PANEL, height=_FRAME + _ROW * len(present))


def _paint(axes: Axes, response: str, effects: Sequence[Effect], operators: Sequence[str]) -> None:
    both = len({effect.affected for effect in effects}) > 1
    noise = next((e for e in effects if e.operator == CONTROL and e.affected is not False), None)
    if noise:
        axes.axvspan(noise.change.low, noise.change.high, color=RULE, alpha=0.55, lw=0)
    axes.axvline(0, color=MUTED, lw=1)
    for effect in effects:
        shift = (-_APART if effect.affected else _APART) if both else 0.0
        _mark(axes, effect, operators.index(effect.operator) + shift)
    axes.set_title(capital(response_name(response)))
    axes.set_xlabel("change of skill" if of_skill(response) else "change in per cent")
    axes.set_yticks(range(len(operators)), [plain(operator) for operator in operators])
    axes.set_ylim(len(operators) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)
    axes.locator_params(axis="x", nbins=5)
    axes.margins(x=0.08)
    _widen(axes, 0.02 if of_skill(response) else 10.0)


def _mark(axes: Axes, effect: Effect, height: float) -> None:
    scale = float if of_skill(effect.response) else _per_cent
    interval = effect.change
    colour = MUTED if effect.affected is None or effect.operator == CONTROL else BLUE
    colour = ORANGE if effect.affected is False and effect.operator != CONTROL else colour
    axes.plot([scale(interval.low), scale(interval.high)], [height, height], color=colour, lw=2)
    axes.plot(
        scale(interval.median),
        height,
        marker="D" if effect.affected is False else "o",
        markersize=6 if effect.affected is False else 7.5,
        markerfacecolor=colour if effect.q < LEVEL else PAGE,
        markeredgecolor=colour,
        markeredgewidth=1.8,
    )


def _widen(axes: Axes, least: float) -> None:
    """An axis on which next to nothing changes would otherwise make much of it."""
    low, high = axes.get_xlim()
    missing = max(least - (high - low), 0.0) / 2
    axes.set_xlim(low - missing, high + missing)


def of_skill(response: str) -> bool:
    """Whether a response is a skill, not a figure of complexity."""
    return response.startswith("skill:")


def _reach(effect: Effect) -> str:
    return {True: " (outputs it reaches)", False: " (outputs it does not reach)", None: ""}[effect.affected]


def _per_cent(log_ratio: float) -> float:
    return 100 * math.expm1(log_ratio)

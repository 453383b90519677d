"""What operators do: to the skill of every kind of output, and to complexity."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from graftwork.report._forest import CONTROL, LEVEL, forest, of_skill
from graftwork.report._format import (
    NONE,
    capital,
    change,
    counted,
    listed,
    number,
    p_value,
    plain,
    response_name,
)
from graftwork.report._markup import details, figure, key, panels, paragraph, table
from graftwork.report.section import Section
from graftwork.study import Effect

_TITLE = "What each operator does"
_COLUMNS = (
    "operator",
    "of",
    "outputs",
    "median change [95 %]",
    "records",
    "parents",
    "rose in",
    "effect size",
    "q",
)
_KEY = (
    ("●", "blue", "outputs that the change reaches"),
    ("◆", "orange", "outputs that it does not reach"),
    ("●", "muted", "figures of size"),
    ("○", "muted", "hollow: could be chance (q of 0.05 or more)"),
    ("■", "band", "noise: what training again with another seed does"),
)


def effects_section(effects: Sequence[Effect]) -> Section:
    """The table of effects as forest plots, one a response, and in figures.

    Args:
        effects: As `study.operator_effects` returns them.
    """
    if not effects:
        return Section(_TITLE, paragraph("No effect was measured."))
    operators = _order(effects)
    responses = sorted({e.response for e in effects}, key=lambda r: (not of_skill(r), _rank(r)))
    drawn = panels([forest(r, [e for e in effects if e.response == r], operators) for r in responses])
    html = key(_KEY)
    html += figure(drawn, _CAPTION, place="panels")
    rows = [_row(effect) for effect in sorted(effects, key=partial(_place, operators, responses))]
    html += details(
        "All effects in figures", table("Effects of operators", _COLUMNS, rows, words=("of", "outputs"))
    )
    return Section(_TITLE, html, _lead(effects))


_CAPTION = (
    "Point: median change against the control. Line: its 95 % interval, bootstrapped over parent models. "
    "To the right of the upright line is more: of skill that is better, of size it is larger."
)


def _lead(effects: Sequence[Effect]) -> str:
    asked = [e for e in effects if of_skill(e.response) and e.operator != CONTROL and e.affected]
    shown = [effect for effect in asked if effect.q < LEVEL and effect.change.median]
    tested = f"of {counted(len(asked), 'effect')} on the skill of outputs that the change reaches"
    if not shown:
        return f"No operator is shown to change skill: {tested}, none stands out from chance."
    by_way = {
        "raised by": [effect for effect in shown if effect.change.median > 0],
        "lowered by": [effect for effect in shown if effect.change.median < 0],
    }
    said = "; ".join(f"{way} {_kinds_of_operators(of)}" for way, of in by_way.items() if of)
    verb = "stands" if len(shown) == 1 else "stand"
    return f"{capital(tested)}, {len(shown)} {verb} out from chance: {said}."


def _kinds_of_operators(effects: Sequence[Effect]) -> str:
    kinds: dict[str, list[str]] = {}
    for effect in effects:
        kinds.setdefault(plain(effect.operator), []).append(effect.response.removeprefix("skill:"))
    return listed([f"{operator} ({', '.join(of)})" for operator, of in kinds.items()])


def _row(effect: Effect) -> list[str]:
    return [
        plain(effect.operator),
        response_name(effect.response),
        {True: "reached", False: "not reached", None: NONE}[effect.affected],
        change(effect.response, effect.change),
        f"{effect.records:,}",
        f"{effect.parents:,}",
        f"{100 * effect.improved:.0f} %",
        number(effect.effect_size, 2),
        p_value(effect.q),
    ]


def _order(effects: Sequence[Effect]) -> list[str]:
    """Operators by name, the control last."""
    return sorted({effect.operator for effect in effects}, key=lambda name: (name == CONTROL, name))


def _place(operators: Sequence[str], responses: Sequence[str], effect: Effect) -> tuple[int, int, bool]:
    return responses.index(effect.response), operators.index(effect.operator), effect.affected is False


def _rank(response: str) -> tuple[int, str]:
    """Figures of complexity in the order in which they are told everywhere, then whatever else there is."""
    from graftwork.study.record import COMPLEXITY_FIGURES

    known = COMPLEXITY_FIGURES.index(response) if response in COMPLEXITY_FIGURES else len(COMPLEXITY_FIGURES)
    return known, response

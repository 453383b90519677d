"""Skill against size of all candidates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from graftwork.report._figure import PANEL, plot
from graftwork.report._format import NONE, counted, number, plain, short
from graftwork.report._markup import details, figure, key, panels, paragraph, table
from graftwork.report._palette import BLUE, MUTED
from graftwork.report.section import Section
from graftwork.search import Candidate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_TITLE = "Skill against size"
_FLOOR = -0.1
_KEY = (
    ("●", "blue", "on the front: no candidate is as good at everything and better at something"),
    ("●", "faint", "other candidates"),
)


def front_section(candidates: Sequence[Candidate], front: Sequence[Candidate]) -> Section:
    """Every candidate by its parameters and its skill for each output, the front in colour.

    Args:
        candidates: All of a run.
        front: Those that none other dominates.
    """
    done = [candidate for candidate in candidates if candidate.done]
    if not done:
        return Section(_TITLE, paragraph("No candidate was evaluated to the end."), _lead(candidates, front))
    best = {candidate.number for candidate in front}
    outputs = sorted({name for candidate in done for name in candidate.outcome.scores})
    drawn = panels([_panel(output, done, best) for output in outputs])
    html = key(_KEY) + figure(drawn, _caption(outputs, done), place="panels")
    columns = ["candidate", "made by", "parameters", *outputs]
    rows = [_row(candidate, outputs) for candidate in sorted(front, key=_parameters)]
    listing = table("Candidates on the front, with their skill", columns, rows, words=("made by",))
    return Section(_TITLE, html + details("The front in figures", listing), _lead(candidates, front))


def _lead(candidates: Sequence[Candidate], front: Sequence[Candidate]) -> str:
    failed = Counter(candidate.outcome.status for candidate in candidates if not candidate.done)
    lost = "".join(f", {count} {status}" for status, count in sorted(failed.items()))
    return (
        f"Up is more skill, left is smaller: {counted(len(candidates), 'candidate')}"
        f"{lost}, {len(front)} on the front."
    )


def _caption(outputs: Sequence[str], done: Sequence[Candidate]) -> str:
    below = sum(
        min(_skill(c, output) for output in outputs if output in c.outcome.scores) < _FLOOR for c in done
    )
    text = "Skill on validation rows. Parameters on a logarithmic scale."
    return f"{text} {counted(below, 'candidate')} below the lower edge drawn on it." if below else text


def _panel(output: str, done: Sequence[Candidate], best: set[int]) -> str:
    scored = [candidate for candidate in done if output in candidate.outcome.scores]
    top = max(scored, key=lambda candidate: _skill(candidate, output))
    label = (
        f"Skill of {output} against parameters of {counted(len(scored), 'candidate')}; "
        f"the best has {_skill(top, output):.3f} with {_parameters(top):,} parameters"
    )
    return plot(
        partial(_paint, output=output, scored=scored, best=best), label=label, width=PANEL, height=260
    )


def _paint(axes: Axes, output: str, scored: Sequence[Candidate], best: set[int]) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    for chosen, colour, size, alpha in ((False, MUTED, 5.0, 0.4), (True, BLUE, 7.0, 1.0)):
        own = [candidate for candidate in scored if (candidate.number in best) == chosen]
        x = [_parameters(candidate) for candidate in own]
        y = [max(_skill(candidate, output), _FLOOR) for candidate in own]
        axes.plot(x, y, "o", color=colour, markersize=size, alpha=alpha, markeredgewidth=0, clip_on=False)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(base=10, subs=(1, 2, 5), numticks=12))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _size(value)))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.minorticks_off()
    axes.set_title(short(output))
    axes.set_xlabel("parameters")
    axes.set_ylabel("skill")


def _row(candidate: Candidate, outputs: Sequence[str]) -> list[str]:
    skills = (
        number(_skill(candidate, name)) if name in candidate.outcome.scores else NONE for name in outputs
    )
    return [f"{candidate.number}", made_by(candidate), f"{_parameters(candidate):,}", *skills]


def made_by(candidate: Candidate) -> str:
    """Where a candidate came from."""
    made = plain(candidate.application.operator) if candidate.application else "drawn at random"
    return f"{made} of {candidate.parent}" if candidate.parent is not None else made


def _skill(candidate: Candidate, output: str) -> float:
    return candidate.outcome.scores[output].decision_skill


def _parameters(candidate: Candidate) -> int:
    assert candidate.outcome.complexity is not None
    return candidate.outcome.complexity.parameters


def _size(value: float) -> str:
    """A number of parameters, shortly.

    Example:
        >>> _size(500), _size(20_000), _size(5e6)
        ('500', '20k', '5M')
    """
    for unit, sign in ((1e6, "M"), (1e3, "k")):
        if value >= unit:
            return f"{value / unit:g}{sign}"
    return f"{value:g}"

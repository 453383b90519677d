"""The best model: its picture, and how good it is beside what it is held against."""

from __future__ import annotations

from collections.abc import Mapping

from graftwork.architecture import Architecture, draw_svg
from graftwork.evaluation import Complexity
from graftwork.problem import Score
from graftwork.report._format import counted, error_value, listed, number, plain
from graftwork.report._markup import facts, figure, paragraph, table
from graftwork.report.section import Section
from graftwork.search import SingleTask

Scores = Mapping[str, Score]
_LEVEL = 0.01


def best_section(
    architecture: Architecture,
    scores: Mapping[str, Scores],
    complexity: Complexity,
    trivial: Scores,
    single_task: SingleTask | None = None,
    origin: str = "",
) -> Section:
    """The model that a search ends with.

    Args:
        architecture: Of the model.
        scores: By split, of every output; the test split is shown, and beside it the skill on the others.
        complexity: Of the architecture.
        trivial: Scores of the trivial baseline on the test split.
        single_task: One ordinary network an output, of the same total size.
        origin: A sentence of where it comes from.
    """
    html = figure(draw_svg(architecture), _DRAWING, place="drawing")
    html += facts(_size(complexity))
    html += _scores(scores, trivial, single_task)
    html += paragraph(f"{_NOTE} {origin}".rstrip())
    return Section("The best model", html, _verdict(scores["test"], complexity, single_task))


_DRAWING = (
    "The best architecture, from inputs on the left to outputs on the right. Regressors hand on numbers, "
    "discretizers shares of categories, decoders samples. A decoder learns by its stochastic connections "
    "(dashed) from what to draw; when it generates, it draws without them."
)
_NOTE = (
    "Skill is 1 for a perfect answer and 0 for the trivial one, which does not look at the input. The test "
    "rows were scored once, at the end, and decided nothing. One model from one run: differences below "
    f"{_LEVEL} are called level."
)


def _size(complexity: Complexity) -> dict[str, str]:
    return {
        "parameters": f"{complexity.parameters:,}",
        "multiply-accumulates a row": f"{complexity.macs:,}",
        "networks": f"{complexity.networks}",
        "connections": f"{complexity.connections}",
        "layers on the longest path": f"{complexity.layers}",
    }


def _scores(scores: Mapping[str, Scores], trivial: Scores, single_task: SingleTask | None) -> str:
    others = [split for split in scores if split != "test"]
    columns = ["output", "metric", "error", "skill", *(f"skill on {s} rows" for s in others), "trivial error"]
    columns += ["single-task error", "single-task skill"] if single_task else []
    rows = []
    for name, score in scores["test"].items():
        row = [name, plain(score.metric), error_value(score.value), number(score.skill)]
        row += [number(scores[split][name].skill) for split in others]
        row += [error_value(trivial[name].value)]
        if single_task:
            row += [error_value(single_task.scores[name].value), number(single_task.scores[name].skill)]
        rows.append(row)
    return table("Scores on the test rows; a smaller error is better", columns, rows, words=("metric",))


def _verdict(test: Scores, complexity: Complexity, single_task: SingleTask | None) -> str:
    """Where it wins and where it loses."""
    below = [name for name, score in test.items() if score.skill <= 0]
    over = (
        f"No better than the trivial baseline for {listed(below)}."
        if below
        else "Better than the trivial baseline for every output."
    )
    return f"{over} {_against(test, complexity, single_task)}" if single_task else over


def _against(test: Scores, complexity: Complexity, single_task: SingleTask) -> str:
    gaps = {name: score.skill - single_task.scores[name].skill for name, score in test.items()}
    by_word = {
        "better for": [name for name, gap in gaps.items() if gap > _LEVEL],
        "level for": [name for name, gap in gaps.items() if -_LEVEL <= gap <= _LEVEL],
        "worse for": [name for name, gap in gaps.items() if gap < -_LEVEL],
    }
    said = "; ".join(f"{word} {listed(names)}" for word, names in by_word.items() if names)
    networks = counted(len(single_task.scores), "single-task network")
    return (
        f"Against {networks}, {single_task.parameters:,} parameters together where this model has "
        f"{complexity.parameters:,}: {said}."
    )

"""The best model: its picture, and how good it is beside what it is held against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from graftwork.architecture import Architecture, draw_svg
from graftwork.evaluation import Complexity
from graftwork.problem import Score
from graftwork.report._format import error_value, listed, number, plain
from graftwork.report._markup import bullets, facts, figure, paragraph, table
from graftwork.report.section import Section
from graftwork.search import LEVEL, RIVALS, Baseline, rival_title, skill_gaps

Scores = Mapping[str, Score]


def best_section(
    architecture: Architecture,
    scores: Mapping[str, Scores],
    complexity: Complexity,
    trivial: Scores,
    baselines: Sequence[Baseline] = (),
    failed: Mapping[str, str] = MappingProxyType({}),
    origin: str = "",
) -> Section:
    """The model that a search ends with.

    Args:
        architecture: Of the model.
        scores: By split, of every output; the test split is shown, and beside it the skill on the others.
        complexity: Of the architecture.
        trivial: Scores of the trivial baseline on the test split.
        baselines: What it is held against, on the same rows.
        failed: Why baselines that were asked for are not there, by name.
        origin: A sentence of where it comes from.
    """
    html = figure(draw_svg(architecture), _DRAWING, place="drawing")
    html += facts(_size(complexity))
    html += _scores(scores, trivial)
    html += _rivals(scores["test"], complexity, baselines) if baselines else ""
    html += bullets([f"No figures of {rival_title(name)}: {reason}." for name, reason in failed.items()])
    html += paragraph(f"{_NOTE} {origin}".rstrip())
    return Section("The best model", html, _verdict(scores["test"], baselines))


_DRAWING = (
    "The best architecture, from inputs on the left to outputs on the right. Regressors hand on numbers, "
    "discretizers shares of categories, decoders samples. A decoder learns by its stochastic connections "
    "(dashed) from what to draw; when it generates, it draws without them."
)
_NOTE = (
    "Skill is 1 for a perfect answer and 0 for the trivial one, which does not look at the input. The test "
    "rows were scored once, at the end, and decided nothing. One model from one run: differences below "
    f"{LEVEL} are called level."
)


def _size(complexity: Complexity) -> dict[str, str]:
    return {
        "parameters": f"{complexity.parameters:,}",
        "multiply-accumulates a row": f"{complexity.macs:,}",
        "networks": f"{complexity.networks}",
        "connections": f"{complexity.connections}",
        "layers on the longest path": f"{complexity.layers}",
    }


def _scores(scores: Mapping[str, Scores], trivial: Scores) -> str:
    others = [split for split in scores if split != "test"]
    columns = ["output", "metric", "error", "skill", *(f"skill on {s} rows" for s in others), "trivial error"]
    rows = []
    for name, score in scores["test"].items():
        row = [name, plain(score.metric), error_value(score.value), number(score.skill)]
        row += [number(scores[split][name].skill) for split in others]
        rows.append([*row, error_value(trivial[name].value)])
    return table("Scores on the test rows; a smaller error is better", columns, rows, words=("metric",))


def _rivals(test: Scores, complexity: Complexity, baselines: Sequence[Baseline]) -> str:
    """Skill of everything on the same rows, and what each is made of."""
    columns = ["output", "this model", *(plain(each.name) for each in baselines)]
    rows = [
        [name, number(score.skill), *(_skill(each, name) for each in baselines)]
        for name, score in test.items()
    ]
    sizes = ["" if each.parameters is None else f"{each.parameters:,}" for each in baselines]
    rows.append(["parameters", f"{complexity.parameters:,}", *sizes])
    told = {rival.name: rival.says for rival in RIVALS}
    meaning = [
        f"{plain(each.name).capitalize()}: {told[each.name]}." for each in baselines if each.name in told
    ]
    html = table("Skill on the test rows beside what is usual; more is better", columns, rows)
    return html + bullets(meaning)


def _skill(baseline: Baseline, output: str) -> str:
    return number(baseline.scores[output].skill) if output in baseline.scores else ""


def _verdict(test: Scores, baselines: Sequence[Baseline]) -> str:
    """Where it wins and where it loses."""
    below = [name for name, score in test.items() if score.skill <= 0]
    over = (
        f"No better than the trivial baseline for {listed(below)}."
        if below
        else "Better than the trivial baseline for every output."
    )
    return " ".join([over, *(_against(test, each) for each in baselines if each.scores)])


def _against(test: Scores, baseline: Baseline) -> str:
    gaps = skill_gaps(test, baseline)
    by_word = {
        "better for": [name for name, gap in gaps.items() if gap > LEVEL],
        "level for": [name for name, gap in gaps.items() if -LEVEL <= gap <= LEVEL],
        "worse for": [name for name, gap in gaps.items() if gap < -LEVEL],
    }
    said = "; ".join(f"{word} {listed(names)}" for word, names in by_word.items() if names)
    return f"Against {rival_title(baseline.name)}: {said}."

"""Tables for the terminal."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graftwork.cli._console import Voice

if TYPE_CHECKING:
    from graftwork.diagnosis import Diagnosis, Finding, MetricInfo
    from graftwork.guidelines import Advice, Guidelines
    from graftwork.problem import Problem, Score
    from graftwork.search import Baseline, Best, Comparison, PolicySummary
    from graftwork.study import Effect


def print_best(voice: Voice, problem: Problem, best: Best, baselines: Sequence[Baseline] = ()) -> None:
    """The best model on the test split, what it is held against and where it loses, and all its metrics."""
    trivial = problem.trivial_scores("test")
    rows = [
        [
            name,
            _plain(score.metric),
            f"{score.value:.3f}",
            f"{score.skill:.3f}",
            f"{trivial[name].value:.3f}",
        ]
        for name, score in _ordered(best.scores["test"], problem)
    ]
    size = best.complexity
    title = f"Best model on {problem.test.rows:,} test rows: {size.parameters:,} parameters"
    title += f", {size.networks} networks"
    voice.table(title, ["output", "metric", "value", "skill", "trivial value"], rows)
    if baselines:
        _print_baselines(voice, problem, best, baselines)
    _print_metrics(voice, dict(_ordered(best.scores["test"], problem)))


def _print_baselines(voice: Voice, problem: Problem, best: Best, baselines: Sequence[Baseline]) -> None:
    from graftwork.search import LEVEL, rival_title, skill_gaps

    named = [rival_title(each.name) for each in baselines]
    rows = [
        [
            name,
            f"{score.skill:.3f}",
            *(f"{each.scores[name].skill:.3f}" if name in each.scores else "" for each in baselines),
        ]
        for name, score in _ordered(best.scores["test"], problem)
    ]
    sizes = ["" if each.parameters is None else f"{each.parameters:,}" for each in baselines]
    rows.append(["(parameters)", f"{best.complexity.parameters:,}", *sizes])
    voice.table("Skill on the same rows", ["output", "this model", *named], rows)
    for each, title in zip(baselines, named, strict=True):
        gaps = skill_gaps(best.scores["test"], each)
        lost = [f"{name} by {-gap:.3f}" for name, gap in gaps.items() if gap < -LEVEL]
        if lost:
            voice.say(f"Less skill than {title}: {', '.join(lost)}.")


def print_failed_baselines(voice: Voice, failed: Mapping[str, str]) -> None:
    """Which baselines could not be trained, and why; nothing where all could."""
    from graftwork.search import rival_title

    for name, reason in failed.items():
        voice.say(f"No figures of {rival_title(name)}: {reason}.")


def _ordered(scores: Mapping[str, Score], problem: Problem) -> list[tuple[str, Score]]:
    """In the order in which the problem asks for outputs; a run keeps them by name."""
    return [(name, scores[name]) for name in problem.outputs]


def _print_metrics(voice: Voice, scores: Mapping[str, Score]) -> None:
    """All metrics of every output, by which way is better."""
    rows = [
        [name, *(_metrics_told(score.metrics, direction) for direction in ("higher", "lower"))]
        for name, score in scores.items()
    ]
    title = "All metrics on the test split (docs/metrics.md: units, what each tells)"
    voice.table(title, ["output", "better where higher", "better where lower"], rows)


def _metrics_told(metrics: Mapping[str, float], direction: str) -> str:
    from graftwork.problem import metric_of

    told = []
    for name, value in metrics.items():
        metric = metric_of(name)
        if metric is not None and metric.direction == direction:
            figure = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
            told.append(f"{_metric_name(name)} {figure}")
    return "\n".join(told)


def _metric_name(name: str) -> str:
    metric, _, column = name.partition(":")
    return f"{_plain(metric)} of {column}" if column else _plain(metric)


def print_effects(voice: Voice, effects: Sequence[Effect]) -> None:
    """What operators did to the outputs they affect, and to the number of parameters."""
    rows = [
        [
            _plain(effect.operator),
            _plain(effect.response.removeprefix("skill:")),
            _interval(effect),
            f"{effect.records}",
            f"{effect.parents}",
            f"{100 * effect.improved:.0f} %",
            f"{effect.q:.3f}",
        ]
        for effect in effects
        if effect.affected or effect.response == "parameters"
    ]
    title = "Median change against the control [95 % over parents]: skill of affected outputs, parameters"
    voice.table(title, ["operator", "of", "change", "records", "parents", "rose in", "q"], rows)


def print_guidelines(voice: Voice, guidelines: Guidelines) -> None:
    """Guidelines in English, or that there are none."""
    if not guidelines.guidelines:
        voice.say(
            f"No guideline survived: of {guidelines.tested} hypotheses, none held on the parents that "
            "had no part in finding them. More parents may change that."
        )
        return
    voice.say(f"{len(guidelines.guidelines)} of {guidelines.tested} hypotheses survived:")
    for guideline in guidelines.guidelines:
        voice.say(f"  - {guideline.sentence()}")


def print_diagnosis(voice: Voice, diagnosis: Diagnosis, metrics: Sequence[str]) -> None:
    """Figures that are about outputs in a table each, those of a part alone together, then the findings.

    Args:
        voice: How the command speaks.
        diagnosis: Of a model.
        metrics: Names of the figures to print; the page and the JSON hold the others too.
    """
    from graftwork.diagnosis import WHOLE, sentences

    alone: list[str] = []
    for name in metrics:
        info = diagnosis.info(name)
        found = {
            (f.component, str(f.output)): f
            for f in diagnosis.findings
            if f.metric == name and (f.output is not None or f.component == WHOLE)
        }
        if found:
            voice.table(_title(info), *_by_output(found))
        elif info.about == "component alone":
            alone.append(name)
    if alone:
        by_part = {(f.component, f.metric): f for f in diagnosis.findings if f.metric in alone}
        voice.table("Each part by itself", ["part", *map(_plain, alone)], _rows(by_part, alone))
    told = sentences(diagnosis)
    if told:
        voice.say("Found:")
    for sentence in told:
        voice.say(f"  - {sentence}")


def _title(info: MetricInfo) -> str:
    higher = "neither good nor bad" if info.direction == "neither" else info.direction
    return f"{info.says.capitalize()} [{info.unit}] (higher = {higher})"


def _by_output(found: Mapping[tuple[str, str], Finding]) -> tuple[list[str], list[list[str]]]:
    columns = sorted({output for _, output in found})
    return ["part", *columns], _rows(found, columns)


def _rows(found: Mapping[tuple[str, str], Finding], columns: Sequence[str]) -> list[list[str]]:
    """Of parts, networks first; nothing where there is no figure, as of many of a connection."""
    return [
        [part, *(_figure(found[part, each]) if (part, each) in found else "" for each in columns)]
        for part in sorted({part for part, _ in found}, key=lambda part: (" -> " in part, len(part), part))
    ]


def _figure(finding: Finding) -> str:
    return f"{finding.value:.3f} ± {finding.error:.3f}" if finding.error else f"{finding.value:.3f}"


def print_advice(voice: Voice, advice: Sequence[Advice]) -> None:
    """Advice, best first."""
    if not advice:
        voice.say("No guideline speaks of any place in this model.")
        return
    rows = [
        [f"{index}. {piece.verdict} {_plain(piece.operator)}", str(piece.site), expected_text(piece)]
        for index, piece in enumerate(advice, start=1)
    ]
    voice.table("Advice", ["what", "where", "expect"], rows)
    voice.say("Because:")
    for sentence in dict.fromkeys(guideline.sentence() for piece in advice for guideline in piece.because):
        voice.say(f"  - {sentence}")


def expected_text(advice: Advice) -> str:
    """What a piece of advice expects, in English."""
    from graftwork.guidelines import expectation

    return "; ".join(expectation(response, change) for response, change in advice.expect.items())


def advice_payload(advice: Advice) -> dict[str, Any]:
    """A piece of advice as JSON values."""
    from dataclasses import asdict

    return {
        "operator": advice.operator,
        "site": list(advice.site.nodes),
        "layer": advice.site.layer if advice.site.kind == "layer" else None,
        "verdict": advice.verdict,
        "expect": {response: asdict(change) for response, change in advice.expect.items()},
        "because": [guideline.sentence() for guideline in advice.because],
    }


def print_comparison(voice: Voice, comparison: Comparison) -> None:
    """Policies over all seeds."""
    seeds = len(comparison.spec["seeds"])
    rows = [_policy_row(summary, seeds) for summary in comparison.summaries]
    voice.table(
        f"Final hypervolume over {seeds} paired seeds (difference to random: mean [95 % over seeds])",
        ["policy", "mean", "difference", "above random", "p", "share of evaluations to reach random's end"],
        rows,
    )


def _policy_row(summary: PolicySummary, seeds: int) -> list[str]:
    if summary.difference is None or summary.p is None or summary.evaluations_to_baseline is None:
        return [summary.policy, f"{summary.mean:.3f}", "", "", "", ""]
    mean, low, high = summary.difference
    share = summary.evaluations_to_baseline
    return [
        summary.policy,
        f"{summary.mean:.3f}",
        f"{mean:+.3f} [{low:+.3f}, {high:+.3f}]",
        f"{summary.wins} of {seeds}",
        f"{summary.p:.3f}",
        f"{100 * share:.0f} %" if math.isfinite(share) else "not reached",
    ]


def best_summary(best: Best) -> dict[str, Any]:
    """The best model as JSON values: what it is, and its scores on the test split."""
    return {
        "architecture_hash": best.architecture.canonical_hash,
        "parameters": best.complexity.parameters,
        "test": scores_payload(best.scores["test"]),
    }


def baselines_payload(problem: Problem, baselines: Sequence[Baseline]) -> dict[str, Any]:
    """What the best model was held against, the trivial baseline first, as JSON values."""
    trivial = {"parameters": 0, "test": scores_payload(problem.trivial_scores("test"))}
    return {"trivial": trivial} | {
        each.name: {"parameters": each.parameters, "test": scores_payload(each.scores)} for each in baselines
    }


def scores_payload(scores: Mapping[str, Score]) -> dict[str, dict[str, Any]]:
    """Scores as JSON values."""
    return {
        name: {
            "skill": score.skill,
            "metric": score.metric,
            "value": score.value,
            "metrics": dict(score.metrics),
        }
        for name, score in scores.items()
    }


def _interval(effect: Effect) -> str:
    change = effect.change
    if effect.response.startswith("skill:"):
        return f"{change.median:+.3f} [{change.low:+.3f}, {change.high:+.3f}]"
    median, low, high = (100 * math.expm1(value) for value in (change.median, change.low, change.high))
    return f"{median:+.0f} % [{low:+.0f}, {high:+.0f}]"


def _plain(name: str) -> str:
    return name.replace("_", " ")

"""The demo: a small study, its guidelines, policies compared, one model searched for, a report."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from graftwork.architecture import SearchSpace
from graftwork.cli._console import Voice
from graftwork.cli._tables import (
    best_summary,
    print_best,
    print_comparison,
    print_effects,
    print_guidelines,
    scores_payload,
)
from graftwork.cli._work import tell_milestones, tell_runs
from graftwork.errors import InputError
from graftwork.guidelines import Guidelines, deduce
from graftwork.problem import Problem, load_problem
from graftwork.report import write_demo_report
from graftwork.runtime import Budget
from graftwork.search import (
    Comparison,
    SearchResult,
    SearchSettings,
    SingleTask,
    compare,
    search,
    single_task_networks,
)
from graftwork.study import Study, StudyDesign, operator_effects, run_study

PROBLEM = "digits"
POLICIES = ("random", "relevance", "guided")


@dataclass(frozen=True)
class DemoSize:
    """How much the demo does; the defaults fit in six minutes on two cores."""

    parents: int = 24
    trials: int = 6
    parent_steps: int = 300
    trial_steps: int = 150
    seeds: int = 3
    evaluations: int = 24
    search_evaluations: int = 36
    initial: int = 4
    finish_steps: int = 3000


@dataclass(frozen=True)
class Demo:
    """All that the demo found."""

    problem: Problem
    study: Study
    guidelines: Guidelines
    comparison: Comparison
    result: SearchResult
    single_task: SingleTask


def run_demo(
    voice: Voice, out: Path, *, seed: int, workers: int, size: DemoSize | None = None
) -> dict[str, Any]:
    """Run the demo, or go on with it, and write report and summary.

    Args:
        voice: How it speaks.
        out: Folder for everything.
        seed: Root of every random draw.
        workers: Processes that work side by side.
        size: How much is done.

    Returns:
        The summary, which is also in `summary.json`.
    """
    started = time.perf_counter()
    _refuse_strangers(out)
    demo = _work(voice, out, seed=seed, workers=workers, size=size or DemoSize())
    summary = _summary(demo, seed=seed, seconds=time.perf_counter() - started)
    facts = {"Command": f"graftwork demo --seed {seed}", "Seconds": f"{summary['seconds']:.0f}"}
    report = write_demo_report(out, single_task=demo.single_task, guidelines=demo.guidelines, facts=facts)
    _replace_text(out / "summary.json", json.dumps(summary, indent=2, allow_nan=False) + "\n")
    voice.say(f"\nReport: {report}\nSummary: {out / 'summary.json'}\nTook {summary['seconds']:.0f} seconds.")
    return summary


def _refuse_strangers(out: Path) -> None:
    """A folder that holds such files but no demo is somebody else's."""
    for name in ("summary.json", "report.html", "guidelines.json"):
        if (out / name).exists() and not (out / "study" / "graftwork.db").exists():
            raise InputError(
                f"'{out / name}' is not of a demo and is not overwritten; name another folder with --out"
            )


def _work(voice: Voice, out: Path, *, seed: int, workers: int, size: DemoSize) -> Demo:
    problem, space = load_problem(PROBLEM), SearchSpace.modern()
    settings = SearchSettings(
        space=space,
        initial=size.initial,
        initial_steps=size.parent_steps,
        steps=size.trial_steps,
        finish_steps=size.finish_steps,
    )
    study = _study(voice, out / "study", problem, space, seed, workers, size)
    guidelines = deduce([study], seed=seed)
    print_guidelines(voice, guidelines)
    _replace_text(out / "guidelines.json", guidelines.to_json())
    comparison = _comparison(voice, out / "comparison", problem, guidelines, settings, seed, workers, size)
    result = _search(voice, out / "search", problem, guidelines, settings, seed, workers, size)
    single_task = single_task_networks(
        problem,
        parameters=result.best.complexity.parameters,
        steps=size.finish_steps,
        options=replace(settings.options, patience=settings.finish_patience),
        seed=seed,
    )
    print_best(voice, problem, result.best, single_task)
    return Demo(problem, study, guidelines, comparison, result, single_task)


def _study(
    voice: Voice, out: Path, problem: Problem, space: SearchSpace, seed: int, workers: int, size: DemoSize
) -> Study:
    design = StudyDesign(
        problems=(problem.name,),
        space=space,
        parents=size.parents,
        trials=size.trials,
        parent_steps=size.parent_steps,
        trial_steps=size.trial_steps,
        seed=seed,
    )
    with voice.progress("1/3 study: what do operators do? ") as advance:
        study = run_study(design, {problem.name: problem}, out=out, workers=workers, progress=advance)
    print_effects(voice, operator_effects(study.records))
    return study


def _comparison(
    voice: Voice,
    out: Path,
    problem: Problem,
    guidelines: Guidelines,
    settings: SearchSettings,
    seed: int,
    workers: int,
    size: DemoSize,
) -> Comparison:
    with voice.progress("2/3 policies at equal budget     ") as advance:
        comparison = compare(
            problem,
            policies=POLICIES,
            budget=Budget(evaluations=size.evaluations),
            seeds=[seed + 1000 + index for index in range(size.seeds)],
            out=out,
            workers=workers,
            guidelines=guidelines,
            settings=settings,
            progress=tell_runs(advance, POLICIES, size.seeds),
        )
    print_comparison(voice, comparison)
    return comparison


def _search(
    voice: Voice,
    out: Path,
    problem: Problem,
    guidelines: Guidelines,
    settings: SearchSettings,
    seed: int,
    workers: int,
    size: DemoSize,
) -> SearchResult:
    budget = Budget(evaluations=size.search_evaluations)
    with voice.progress("3/3 guided search for one model  ") as advance:
        return search(
            problem,
            policy="guided",
            budget=budget,
            seed=seed,
            workers=workers,
            out=out,
            guidelines=guidelines,
            settings=settings,
            progress=tell_milestones(advance, budget),
        )


def _summary(demo: Demo, *, seed: int, seconds: float) -> dict[str, Any]:
    policies = {
        summary.policy: {
            "hypervolume": list(summary.hypervolumes),
            "evaluations": summary.evaluations,
            "steps": summary.steps,
        }
        for summary in demo.comparison.summaries
    }
    return {
        "problem": demo.problem.name,
        "seed": seed,
        "study": {"records": len(demo.study.records), "parents": demo.study.parents},
        "guidelines": len(demo.guidelines.guidelines),
        "policies": policies,
        "best": best_summary(demo.result.best),
        "baselines": {
            "trivial": scores_payload(demo.problem.trivial_scores("test")),
            "single_task": {
                "parameters": demo.single_task.parameters,
                "test": scores_payload(demo.single_task.scores),
            },
        },
        "seconds": seconds,
    }


def _replace_text(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.part")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)

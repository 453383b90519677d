"""The demo: a small study, its guidelines, policies compared, one model searched for, a report."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from graftwork.architecture import draw_svg
from graftwork.cli._console import Voice
from graftwork.cli._tables import (
    baselines_payload,
    best_summary,
    print_best,
    print_comparison,
    print_effects,
    print_guidelines,
)
from graftwork.cli._work import tell_milestones, tell_runs
from graftwork.errors import InputError
from graftwork.guidelines import Guidelines, bundled_guidelines, deduce
from graftwork.problem import Problem, load_problem
from graftwork.report import write_demo_report
from graftwork.runtime import Budget
from graftwork.search import (
    Comparison,
    SearchResult,
    SearchSettings,
    compare,
    search,
)
from graftwork.search.baselines import Rival, SharedBottom, SingleTaskNetworks
from graftwork.study import Study, StudyDesign, operator_effects, run_study
from graftwork.variation import PUBLISHED

PROBLEM = "digits"
POLICIES = ("random", "relevance", "guided")
NETWORKS: tuple[Rival, ...] = (SingleTaskNetworks(), SharedBottom())  # boosting takes a minute on digits
# A hundred trials can speak of six operators and not of twelve: its study keeps to those of the source paper.
STUDIED = tuple(operator.name for operator in PUBLISHED)


@dataclass(frozen=True)
class DemoSize:
    """How much the demo does; the defaults fit in six minutes on two cores."""

    parents: int = 20
    trials: int = 5
    parent_steps: int = 250
    trial_steps: int = 120
    seeds: int = 3
    evaluations: int = 20
    search_evaluations: int = 46
    initial: int = 4
    search_initial: int = 10
    finalists: int = 4
    finish_steps: int = 2000


@dataclass(frozen=True)
class Found:
    """All that the demo found."""

    study: Study
    guidelines: Guidelines
    comparison: Comparison
    result: SearchResult


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
    demo = _Demo(voice, out, load_problem(PROBLEM), size or DemoSize(), seed, workers)
    found = demo.run()
    summary = _summary(demo.problem, found, seed=seed, seconds=time.perf_counter() - started)
    facts = {"command": f"graftwork demo --seed {seed}", "seconds": f"{summary['seconds']:.0f}"}
    report = write_demo_report(out, guidelines=found.guidelines, facts=facts)
    _replace_text(out / "best.svg", draw_svg(found.result.best.architecture))
    _replace_text(out / "summary.json", json.dumps(summary, indent=2, allow_nan=False) + "\n")
    voice.say(f"\nReport: {report}\nSummary: {out / 'summary.json'}\nTook {summary['seconds']:.0f} seconds.")
    return summary


def _refuse_strangers(out: Path) -> None:
    """A folder that holds anything but no demo is somebody else's."""
    if not out.is_dir() or (out / "study" / "graftwork.db").exists():
        return
    strangers = sorted(path.name for path in out.iterdir())
    if strangers:
        raise InputError(
            f"'{out}' holds '{strangers[0]}' and no demo; nothing is written there. "
            "Name another folder with --out"
        )


@dataclass(frozen=True)
class _Demo:
    """The stages of the demo, each in a folder of its own that can be gone on with."""

    voice: Voice
    out: Path
    problem: Problem
    size: DemoSize
    seed: int
    workers: int

    def run(self) -> Found:
        study = self._study()
        guidelines = deduce([study])
        print_guidelines(self.voice, guidelines)
        _replace_text(self.out / "guidelines.json", guidelines.to_json())
        guide = guidelines if guidelines.guidelines else self._bundled()
        comparison = self._comparison(guide)
        result = self._search(guide)
        print_best(self.voice, self.problem, result.best, result.baselines)
        return Found(study, guidelines, comparison, result)

    def _bundled(self) -> Guidelines:
        bundled = bundled_guidelines()
        self.voice.say(
            f"So 'guided' is guided by the {len(bundled.guidelines)} guidelines that come with Graftwork, "
            "from a study of Fashion-MNIST."
        )
        return bundled

    def _study(self) -> Study:
        design = StudyDesign(
            problems=(self.problem.name,),
            space=self._settings.space,
            parents=self.size.parents,
            trials=self.size.trials,
            parent_steps=self.size.parent_steps,
            trial_steps=self.size.trial_steps,
            operators=STUDIED,
            seed=self.seed,
        )
        problems = {self.problem.name: self.problem}
        with self.voice.progress("1/3 study: what do operators do? ") as advance:
            study = run_study(
                design, problems, out=self.out / "study", workers=self.workers, progress=advance
            )
        print_effects(self.voice, operator_effects(study.records))
        return study

    def _comparison(self, guidelines: Guidelines) -> Comparison:
        with self.voice.progress("2/3 policies at equal budget     ") as advance:
            comparison = compare(
                self.problem,
                policies=POLICIES,
                budget=Budget(evaluations=self.size.evaluations),
                seeds=[self.seed + 1000 + index for index in range(self.size.seeds)],
                out=self.out / "comparison",
                workers=self.workers,
                guidelines=guidelines,
                settings=self._settings,
                progress=tell_runs(advance, POLICIES, self.size.seeds),
            )
        print_comparison(self.voice, comparison)
        return comparison

    def _search(self, guidelines: Guidelines) -> SearchResult:
        budget = Budget(evaluations=self.size.search_evaluations)
        with self.voice.progress("3/3 guided search for one model  ") as advance:
            return search(
                self.problem,
                policy="guided",
                budget=budget,
                seed=self.seed,
                workers=self.workers,
                out=self.out / "search",
                guidelines=guidelines,
                baselines=NETWORKS,
                settings=replace(self._settings, initial=self.size.search_initial),
                progress=tell_milestones(advance, budget),
            )

    @property
    def _settings(self) -> SearchSettings:
        return SearchSettings(
            initial=self.size.initial,
            initial_steps=self.size.parent_steps,
            steps=self.size.trial_steps,
            finalists=self.size.finalists,
            finish_steps=self.size.finish_steps,
        )


def _summary(problem: Problem, found: Found, *, seed: int, seconds: float) -> dict[str, Any]:
    policies = {
        summary.policy: {
            "hypervolume": list(summary.hypervolumes),
            "evaluations": summary.evaluations,
            "steps": summary.steps,
        }
        for summary in found.comparison.summaries
    }
    return {
        "problem": problem.name,
        "seed": seed,
        "study": {"records": len(found.study.records), "parents": found.study.parents},
        "guidelines": len(found.guidelines.guidelines),
        "policies": policies,
        "best": best_summary(found.result.best),
        "baselines": baselines_payload(problem, found.result.baselines),
        "seconds": seconds,
    }


def _replace_text(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.part")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)

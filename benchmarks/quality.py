"""How good the one model is beside what is usual, on real problems, over seeds.

A search of each problem and seed, whose best model is held against the trivial baseline, one network an
output (each as large as the model), a shared bottom of its size and gradient boosting, all scored once on the
same test rows. Boosting does not depend on the seed and is fitted once a problem. The runs are kept in a
folder, and the same command goes on with those that are missing.

    python benchmarks/quality.py --json
    python benchmarks/quality.py --problems penguins --seeds 2 --evaluations 10 --finish-steps 300
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from scipy import stats

import graftwork as gw
from graftwork.runtime import one_thread
from graftwork.search import RIVALS, SearchResult, SearchSettings

PROBLEMS = ("digits", "penguins", "cars", "diamonds", "mnist5k")
ALLOWED, SHARE = 0.02, 0.5
SINGLE, BOOSTING = "single_task", "boosting"


@dataclass(frozen=True)
class Job:
    """One search."""

    problem: str
    seed: int
    evaluations: int
    finish_steps: int
    policy: str
    folder: Path

    def settings(self) -> SearchSettings:
        """How it is done."""
        return SearchSettings(initial=10, finalists=4, finish_steps=self.finish_steps)


@dataclass(frozen=True)
class Found:
    """What came of one: skill on test rows and parameters, by who answers ("model" or a baseline)."""

    problem: str
    seed: int
    skills: dict[str, dict[str, float]]
    parameters: dict[str, int | None]


def work(job: Job) -> Found:
    """Search, or read what was found."""
    one_thread()
    rivals = [rival for rival in RIVALS if job.seed == 0 or rival.name != BOOSTING]
    result: SearchResult = gw.search(
        gw.load_problem(job.problem),
        policy=job.policy,
        budget=gw.Budget(evaluations=job.evaluations),
        seed=job.seed,
        out=job.folder / f"{job.problem}-{job.seed}",
        settings=job.settings(),
        baselines=rivals,
    )
    skills = {"model": {name: score.skill for name, score in result.best.scores["test"].items()}}
    parameters: dict[str, int | None] = {"model": result.best.complexity.parameters}
    for each in result.baselines:
        skills[each.name] = {name: score.skill for name, score in each.scores.items()}
        parameters[each.name] = each.parameters
    return Found(job.problem, job.seed, skills, parameters)


def interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Mean and 95 % interval by Student's t; the mean alone of one value or of equal ones."""
    mean, count = float(np.mean(values)), len(values)
    error = float(np.std(values, ddof=1)) / count**0.5 if count > 1 else 0.0
    reach = error * float(stats.t.ppf(0.975, count - 1)) if error else 0.0
    return mean, mean - reach, mean + reach


def summary(found: Sequence[Found]) -> list[dict[str, Any]]:
    """A row for each problem and output."""
    rows: list[dict[str, Any]] = []
    for problem in dict.fromkeys(each.problem for each in found):
        runs = [each for each in found if each.problem == problem]
        shares = [of["model"] / of[SINGLE] for of in (run.parameters for run in runs)]  # type: ignore[operator]
        for output in runs[0].skills["model"]:
            skill: dict[str, Any] = {}
            for who in dict.fromkeys(name for run in runs for name in run.skills):
                told = [run.skills[who][output] for run in runs if output in run.skills.get(who, {})]
                skill |= {who: interval(told)} if told else {}
            gap = interval([run.skills["model"][output] - run.skills[SINGLE][output] for run in runs])
            rows.append(
                {
                    "problem": problem,
                    "output": output,
                    "seeds": len(runs),
                    "skill": skill,
                    "model_minus_single_task": gap,
                    "share_of_parameters": float(np.median(shares)),
                    "parameters": {who: _median_size(runs, who) for who in skill},
                    "met": gap[0] >= -ALLOWED and max(shares) <= SHARE,
                    "worse_beyond_chance": gap[2] < -ALLOWED,
                }
            )
    return rows


def _median_size(runs: Sequence[Found], who: str) -> float | None:
    """Median of parameters; none where it is not made of networks."""
    sizes = [size for run in runs if (size := run.parameters.get(who)) is not None]
    return float(np.median(sizes)) if sizes else None


def show(rows: Sequence[dict[str, Any]]) -> None:
    """Print the table."""
    others = [rival.name for rival in RIVALS]
    table = Table("problem", "output", "model", *others, "model - single task", "of its parameters", "met")
    for row in rows:
        told = [_told(row["skill"].get(who)) for who in ("model", *others)]
        gap, share = _told(row["model_minus_single_task"], signed=True), f"{row['share_of_parameters']:.2f}"
        table.add_row(row["problem"], row["output"], *told, gap, share, "yes" if row["met"] else "NO")
    console = Console(width=170)
    console.print(table)
    missed = [f"{row['problem']}/{row['output']}" for row in rows if not row["met"]]
    console.print(
        f"Goal: not below the single-task networks by more than {ALLOWED} at half of their parameters."
    )
    console.print(f"Missed by {len(missed)} of {len(rows)} outputs: {', '.join(missed) or 'none'}.")


def _told(value: tuple[float, float, float] | None, *, signed: bool = False) -> str:
    if value is None:
        return ""
    form = "+.3f" if signed else ".3f"
    mean, low, high = (format(each, form) for each in value)
    return mean if low == high else f"{mean} [{low}, {high}]"


def main() -> None:
    """Search, and print a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--problems", nargs="+", default=list(PROBLEMS))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--evaluations", type=int, default=60)
    parser.add_argument("--finish-steps", type=int, default=4000)
    parser.add_argument("--policy", default="guided")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("bench/quality"), help="folder of the runs")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    jobs = [
        Job(problem, seed, asked.evaluations, asked.finish_steps, asked.policy, asked.out)
        for problem in asked.problems
        for seed in range(asked.seeds)
    ]
    with ProcessPoolExecutor(asked.workers, mp_context=get_context("spawn")) as pool:
        found = list(pool.map(work, jobs))
    rows = summary(found)
    if asked.json:
        print(json.dumps({"outputs": rows, "missed": sum(not row["met"] for row in rows)}, indent=1))
    else:
        show(rows)


if __name__ == "__main__":
    main()

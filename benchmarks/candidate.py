"""Cost of one candidate, start to scores: the affected part alone against all, and what is not training.

From each of ten random parents (`SearchSpace.modern`, seeds 0 to 9, trained for 200 steps) descends one child
of each operator, at a random site. Each child is inherited, trained for 400 steps without stopping early and
scored on validation rows, once training only what the operator affects and once all of it, by the unit of
work that studies and searches use, on one core; the two take turns.

- `ratio_affected`: seconds of the affected part alone over seconds of all, median over the children, with its
  quartiles, and the median of each operator;
- `overhead`: seconds outside training (varying, inheriting, building, scoring, packing weights), median, and
  `share_at_one_second`, their share of a candidate whose training takes one second; goal: below 0.05;
- `skill_difference`: mean skill of the affected part alone less that of all, mean over the children.

    python benchmarks/candidate.py [--problem NAME] [--parents N] [--json] [--write FILE]
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from graftwork import load_problem
from graftwork.architecture import SearchSpace
from graftwork.problem import Problem
from graftwork.runtime import one_thread
from graftwork.training import TrainingOptions
from graftwork.trial import Application, Outcome, Parent, Trial, run_trial
from graftwork.variation import OPERATORS, Refusal, structural_names

PARENT_STEPS, STEPS = 200, 400
SPACE = SearchSpace.modern()
WHOLE_LENGTH = TrainingOptions(patience=10**6)
_TRIES = 20


@dataclass(frozen=True)
class Child:
    """One child, trained in part and as a whole."""

    operator: str
    affected: Outcome
    whole: Outcome

    @property
    def ratio(self) -> float:
        """Seconds of the affected part alone over seconds of the whole."""
        return self.affected.seconds / self.whole.seconds

    @property
    def overhead(self) -> float:
        """Seconds outside training, where the whole is trained."""
        return self.whole.seconds - self.whole.training_seconds

    @property
    def difference(self) -> float:
        """Mean skill of the affected part alone less that of the whole."""
        return _skill(self.affected) - _skill(self.whole)


def children(problem: Problem, seed: int) -> Iterator[Child]:
    """A child an operator, of one random parent."""
    begun = run_trial(Trial(problem=problem, space=SPACE, root=0, candidate=f"{seed}", steps=PARENT_STEPS))
    if begun.outcome.architecture is None or begun.outcome.status != "done":
        return
    parent = Parent(begun.outcome.architecture, begun.weights, begun.outcome.scores)
    rng = np.random.default_rng(seed)
    for name in structural_names():
        application = _application(parent, name, rng)
        if application:
            yield _child(problem, parent, application)


def _application(parent: Parent, name: str, rng: np.random.Generator) -> Application | None:
    operator = OPERATORS[name]
    sites = operator.sites(parent.architecture)
    for index in rng.permutation(len(sites))[:_TRIES]:
        if not isinstance(operator.apply(parent.architecture, sites[index], seed=0, space=SPACE), Refusal):
            return Application(name, sites[index], 0)
    return None


def _child(problem: Problem, parent: Parent, application: Application) -> Child:
    trial = Trial(
        problem=problem,
        space=SPACE,
        root=0,
        candidate="child",
        steps=STEPS,
        parent=parent,
        application=application,
        options=WHOLE_LENGTH,
    )
    affected = run_trial(trial).outcome
    assert affected.architecture is not None, affected.reason
    whole = Trial(**{**vars(trial), "trainable": affected.architecture.network_names})
    return Child(application.operator, affected, run_trial(whole).outcome)


def _skill(outcome: Outcome) -> float:
    return statistics.fmean(score.skill for score in outcome.scores.values())


def told(problem: str, found: Sequence[Child]) -> dict[str, object]:
    """The figures, as JSON values."""
    ratios = [child.ratio for child in found]
    overhead = statistics.median(child.overhead for child in found)
    operators = sorted({child.operator for child in found})
    return {
        "problem": problem,
        "children": len(found),
        "ratio_affected": statistics.median(ratios),
        "ratio_affected_quartiles": np.quantile(ratios, [0.25, 0.75]).tolist(),
        "training_seconds": statistics.median(child.whole.training_seconds for child in found),
        "overhead": overhead,
        "share_at_one_second": overhead / (1.0 + overhead),
        "skill_difference": statistics.fmean(child.difference for child in found),
        "operators": {
            name: statistics.median(child.ratio for child in found if child.operator == name)
            for name in operators
        },
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--problem", default="digits", help="a bundled problem")
    parser.add_argument("--parents", type=int, default=10, help="random parents")
    parser.add_argument("--json", action="store_true", help="print one JSON value")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write that value into a file, too")
    options = parser.parse_args()
    one_thread()
    problem = load_problem(options.problem)
    figures = told(options.problem, [c for seed in range(options.parents) for c in children(problem, seed)])
    if options.write:
        options.write.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    if options.json:
        print(json.dumps(figures))
        return
    for name, figure in figures.items():
        print(f"{name:26} {figure}")


if __name__ == "__main__":
    main()

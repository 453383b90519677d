"""What each way to balance the losses of outputs does to their skill, against the plain sum of losses.

For `digits` and for scikit-learn's wine (classify the cultivar and predict colour and hue from six of the
thirteen measurements, generate whole rows), ten random architectures each (seeds 0 to 9, which also draw
weights, batches and latents). Every strategy trains each of them from the same weights, on the same batches
and for the same number of steps, and the weights of least summed validation loss are kept for all of them
alike. Skill is that which decisions read (of a class: of its log loss), on validation rows.

A step has one backward pass, and one an output where gradients are aggregated: the column `backward` tells
the passes in units of the steps. `static x3` is the plain sum with as many passes as those have: three times
the steps. `time` is that of a training over that of `static`,
median over architectures: strategies that weigh train by the native engine where it is compiled, those that
aggregate by PyTorch; `time, eager` holds both against `static` by PyTorch.

Of each strategy: mean skill of every output; the mean over outputs of skill, clipped to 0 to 1 as in a
search; its difference to `static`, mean over architectures with a paired 95 % interval (BCa bootstrap of
9,999 samples, seed 0); and the share of architectures in which it is greater. Intervals are not corrected
for their number. Needs the extra `graftwork[balancing]`.

    python benchmarks/balancing.py [--steps N] [--architectures N] [--json]
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from scipy.stats import bootstrap
from sklearn.datasets import load_wine

from graftwork import Budget, Classification, Generation, Problem, Regression, SearchSpace, load_problem
from graftwork.architecture import Architecture, random_architecture
from graftwork.evaluation import evaluate
from graftwork.model import build
from graftwork.runtime import one_thread
from graftwork.training import TrainingOptions, named_balancer, train

STEPS, ARCHITECTURES = 400, 10
SPACE = SearchSpace.modern(max_parameters=50_000)
BASELINE, LONGER = "static", "static x3"
WEIGHING = (BASELINE, "scaled", "dynamic", "sequential", "uncertainty")
AGGREGATING = ("upgrad", "mgda", "pcgrad", "aligned", "imtl")
_READ = ("alcohol", "malic_acid", "ash", "alcalinity_of_ash", "magnesium", "total_phenols")
_PREDICTED = ("color_intensity", "hue")


@dataclass(frozen=True)
class Outcome:
    """What one strategy made of one architecture: skill of every output, and seconds."""

    skills: Mapping[str, float]
    seconds: float

    @property
    def mean(self) -> float:
        """Mean skill, each clipped to 0 to 1."""
        return statistics.fmean(min(max(skill, 0.0), 1.0) for skill in self.skills.values())


@dataclass(frozen=True)
class Row:
    """What one strategy made of all architectures, beside the baseline."""

    strategy: str
    backward: int
    skills: Mapping[str, float]
    mean: float
    difference: float
    low: float
    high: float
    improved: float
    time: float
    time_eager: float


def wine() -> Problem:
    """178 wines: class, two numbers and the whole row, from six measurements."""
    data = load_wine()
    column = {name: data.data[:, index] for index, name in enumerate(data.feature_names)}
    return Problem.from_arrays(
        "wine",
        inputs={"measured": np.stack([column[name] for name in _READ], axis=1)},
        outputs={
            "cultivar": (Classification(), data.target),
            "look": (Regression(), np.stack([column[name] for name in _PREDICTED], axis=1)),
            "row": (Generation(), data.data),
        },
    )


def trained(
    architecture: Architecture, problem: Problem, strategy: str, *, seed: int, steps: int, eager: bool = False
) -> Outcome:
    """Train an architecture by a strategy for so many steps."""
    options = TrainingOptions(
        balancer=named_balancer(strategy), engine="eager" if eager else "auto", patience=steps
    )
    done = train(
        build(architecture, seed=seed), problem, budget=Budget(steps=steps), seed=seed, options=options
    )
    scores = evaluate(done.model, problem, seed=seed)
    return Outcome({name: score.decision_skill for name, score in scores.items()}, done.seconds)


def compared(problem: Problem, *, steps: int, architectures: int) -> list[Row]:
    """Every strategy on a problem."""
    outcomes: dict[str, list[Outcome]] = {name: [] for name in (*WEIGHING, LONGER, *AGGREGATING)}
    eager = []
    for seed in range(architectures):
        architecture = random_architecture(problem, SPACE, seed=seed)
        for name, of in outcomes.items():
            longer = name == LONGER
            of.append(
                trained(
                    architecture,
                    problem,
                    BASELINE if longer else name,
                    seed=seed,
                    steps=steps * (len(problem.outputs) if longer else 1),
                )
            )
        plain = trained(architecture, problem, BASELINE, seed=seed, steps=steps, eager=True)
        eager.append(plain.seconds)
    native = [outcome.seconds for outcome in outcomes[BASELINE]]
    return [
        _row(name, of, outcomes[BASELINE], times=(native, eager), outputs=len(problem.outputs))
        for name, of in outcomes.items()
    ]


def _row(
    name: str,
    of: Sequence[Outcome],
    baseline: Sequence[Outcome],
    *,
    times: tuple[Sequence[float], Sequence[float]],
    outputs: int,
) -> Row:
    differences = [mine.mean - theirs.mean for mine, theirs in zip(of, baseline, strict=True)]
    low, high = _interval(differences)
    native, eager = (
        statistics.median(mine.seconds / other for mine, other in zip(of, taken, strict=True))
        for taken in times
    )
    return Row(
        strategy=name,
        backward=1 if name in WEIGHING else outputs,
        skills={
            output: statistics.fmean(outcome.skills[output] for outcome in of) for output in of[0].skills
        },
        mean=statistics.fmean(outcome.mean for outcome in of),
        difference=statistics.fmean(differences),
        low=low,
        high=high,
        improved=statistics.fmean(difference > 0 for difference in differences),
        time=native,
        time_eager=eager,
    )


def _interval(differences: Sequence[float]) -> tuple[float, float]:
    if len(set(differences)) < 2:
        return differences[0], differences[0]
    found = bootstrap((differences,), np.mean, method="BCa", rng=np.random.default_rng(0))
    return float(found.confidence_interval.low), float(found.confidence_interval.high)


def _print(problem: Problem, rows: Sequence[Row]) -> None:
    outputs = list(problem.outputs)
    print(
        f"\n{problem.name:12}{'backward':>9}"
        + "".join(f"{name:>11}" for name in outputs)
        + f"{'mean':>8}{'difference to static':>26}{'improved':>10}{'time':>7}{'time, eager':>13}"
    )
    for row in rows:
        skills = "".join(f"{row.skills[name]:11.3f}" for name in outputs)
        difference = f"{row.difference:+.3f} [{row.low:+.3f}, {row.high:+.3f}]"
        print(
            f"{row.strategy:12}{row.backward:9}{skills}{row.mean:8.3f}"
            + f"{'' if row.strategy == BASELINE else difference:>26}"
            + f"{'' if row.strategy == BASELINE else format(row.improved, '.0%'):>10}"
            + f"{row.time:7.1f}{row.time_eager:13.1f}"
        )


def main() -> None:
    """Train, compare and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--steps", type=int, default=STEPS, help="training steps of each model")
    parser.add_argument("--architectures", type=int, default=ARCHITECTURES, help="random ones a problem")
    parser.add_argument("--json", action="store_true", help="print one JSON value")
    asked = parser.parse_args()
    one_thread()
    begun = time.perf_counter()
    problems = (load_problem("digits"), wine())
    found = {
        problem.name: compared(problem, steps=asked.steps, architectures=asked.architectures)
        for problem in problems
    }
    seconds = time.perf_counter() - begun
    if asked.json:
        rows = {name: [asdict(row) for row in of] for name, of in found.items()}
        print(json.dumps({"steps": asked.steps, "seeds": asked.architectures, "problems": rows}))
        return
    print(f"{asked.steps} steps, seeds 0 to {asked.architectures - 1}, {math.ceil(seconds)} seconds")
    for problem in problems:
        _print(problem, found[problem.name])


if __name__ == "__main__":
    main()

"""What a diagnosis costs, against the training of the model and against the naive way.

Models of ten networks are drawn, trained for 400 steps and diagnosed on 1,000 validation rows, by turns in
one run; the figures are medians. The naive way makes a whole pass of the model for every disturbance, and
measures relevance alone.

    python benchmarks/diagnosis.py --models 5 --times 3
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from statistics import median

import torch
from rich.console import Console
from rich.table import Table

import graftwork as gw
from graftwork.architecture import Architecture
from graftwork.diagnosis import ALL_METRICS, ComponentMetric, Plan, subject_of
from graftwork.problem import BUNDLED
from graftwork.runtime import one_thread
from graftwork.training import split_losses
from workload import synthetic

NETWORKS, STEPS, ROWS, REPEATS = 10, 400, 1000, 5
Work = Callable[[], object]


def drawn(problem: gw.Problem, count: int) -> list[Architecture]:
    """Random architectures of ten networks, by seed."""
    space, found, seed = gw.SearchSpace.modern(max_networks=NETWORKS), list[Architecture](), 0
    while len(found) < count:
        architecture = gw.random_architecture(problem, space, seed=seed)
        found += [architecture] * (len(architecture.networks) == NETWORKS)
        seed += 1
    return found


@torch.no_grad()
def naive(model: gw.HeterogeneousModel, problem: gw.Problem) -> None:
    """What relevance by weights, by permutation and by the mean cost: a whole pass and every loss each time.

    What is done to the component itself is left out.
    """
    rows = problem.validation.first(ROWS)
    for _ in model.architecture.order:
        for repeat in range(REPEATS):
            split_losses(gw.build(model.architecture, seed=repeat), problem, rows)
            split_losses(model, problem, rows)
        split_losses(model, problem, rows)


def ways(architecture: Architecture, problem: gw.Problem) -> dict[str, Work]:
    """What is timed, by its name; the first is the yardstick."""
    start, budget = gw.build(architecture, seed=0), gw.Budget(steps=STEPS)
    trained = gw.train(start, problem, budget=budget, seed=0)
    model, curve = trained.model, trained.curve

    def train(engine: str) -> Work:
        options = gw.TrainingOptions(engine=engine)  # type: ignore[arg-type]
        return lambda: gw.train(start, problem, budget=budget, seed=0, options=options)

    def diagnose(metrics: Sequence[ComponentMetric], *, spread: bool) -> Work:
        return lambda: gw.diagnose(
            model, problem, metrics=metrics, rows=ROWS, repeats=REPEATS, spread=spread, curve=curve
        )

    return {
        "training, native engine": train("auto"),
        "training, PyTorch": train("eager"),
        "all metrics, spread repeats": diagnose(ALL_METRICS, spread=True),
        "all metrics, whole repeats": diagnose(ALL_METRICS, spread=False),
        "relevance three ways, spread": diagnose([*ALL_METRICS[:2], ALL_METRICS[3]], spread=True),
        "relevance three ways, whole": diagnose([*ALL_METRICS[:2], ALL_METRICS[3]], spread=False),
        "relevance three ways, naive": lambda: naive(model, problem),
    }


def seconds(work: Work) -> float:
    """Wall time of one go."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def by_metric(architecture: Architecture, problem: gw.Problem) -> dict[str, float]:
    """Seconds of each metric, with spread repeats; what several read is charged to the first of them."""
    trained = gw.train(gw.build(architecture, seed=0), problem, budget=gw.Budget(steps=STEPS), seed=0)
    subject = subject_of(
        trained.model,
        problem,
        rows=ROWS,
        plan=Plan(REPEATS, 3 * REPEATS, 0, spread=True),
        curve=trained.curve,
    )
    return {
        type(metric).__name__: seconds(lambda metric=metric: metric.measure(subject))  # type: ignore[misc]
        for metric in ALL_METRICS
    }


def main() -> None:
    """Time everything by turns, and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--problem", choices=["synthetic", *sorted(BUNDLED)], default="synthetic")
    parser.add_argument("--models", type=int, default=5)
    parser.add_argument("--times", type=int, default=3)
    chosen = parser.parse_args()
    one_thread()
    problem = synthetic(5 * ROWS) if chosen.problem == "synthetic" else gw.load_problem(chosen.problem)
    found: dict[str, list[list[float]]] = {}
    parts: dict[str, list[float]] = {}
    for architecture in drawn(problem, chosen.models):
        work = ways(architecture, problem)
        times = [{name: seconds(each) for name, each in work.items()} for _ in range(chosen.times)]
        for name in work:
            found.setdefault(name, []).append([each[name] for each in times])
        for name, spent in by_metric(architecture, problem).items():
            parts.setdefault(name, []).append(spent)
    _print(chosen.problem, found, parts)


def _print(problem: str, found: dict[str, list[list[float]]], parts: dict[str, list[float]]) -> None:
    native, eager = (
        [median(times) for times in found[name]] for name in ("training, native engine", "training, PyTorch")
    )
    title = f"{problem}: {NETWORKS} networks, {ROWS} rows"
    table = Table("work", "seconds", "of native training", "of PyTorch's", title=title)
    for name, models in found.items():
        own = [median(times) for times in models]
        shares = [median(a / b for a, b in zip(own, other, strict=True)) for other in (native, eager)]
        table.add_row(name, f"{median(own):.3f}", *(f"{share:.3f}" for share in shares))
    Console().print(table)
    table = Table("metric, spread repeats", "milliseconds")
    for name, spent in parts.items():
        table.add_row(name, f"{1000 * median(spent):.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()

"""How work grows: with workers, with networks, and memory with candidates.

- `workers`: candidates an hour with two workers over those with one, on `digits`, 24 random candidates of
  1,000 steps in turns of one and two workers, medians; processes start before the clock does. Goal: 1.8.
- `networks`: milliseconds of a training step of 5, 10, 20 and 40 networks, medians over five architectures
  of each, divided connection by connection from a random one of five; `exponent` is the slope of log time
  over log networks, of which 1 is linear.
- `memory`: resident memory of one process over 300 random candidates, the most after the first 30 over that
  after the first 30. Goal: at most 1.05.

    python benchmarks/scaling.py [--json] [--write FILE]
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from graftwork import build, load_problem, random_architecture
from graftwork.architecture import Architecture, SearchSpace
from graftwork.problem import Problem, shared_problem
from graftwork.runtime import InlineExecutor, ProcessExecutor, one_thread
from graftwork.training import Static, TrainingOptions
from graftwork.training.engines import Task, make_engine
from graftwork.trial import Trial, run_trial
from graftwork.variation import OPERATORS, Refusal

CANDIDATES, CANDIDATE_STEPS, TURNS = 24, 1000, 3
NETWORKS, ARCHITECTURES, STEPS = (5, 10, 20, 40), 5, 100
KEPT, FIRST, KEPT_STEPS = 300, 30, 40
SPACE = SearchSpace.modern()
BATCH = 64


def candidates(problem: Problem, count: int, steps: int) -> Iterator[Trial]:
    """Random candidates that train for so many steps, whatever they gain."""
    options = TrainingOptions(patience=10**6)
    for number in range(count):
        yield Trial(problem=problem, space=SPACE, root=0, candidate=f"{number}", steps=steps, options=options)


def candidates_an_hour(workers: int) -> float:
    """Throughput of so many processes."""
    with ProcessExecutor(workers) as executor, shared_problem(load_problem("digits"), executor) as problem:
        for future in [executor.submit(run_trial, t) for t in candidates(problem, 2 * workers, 10)]:
            future.result()
        begun = time.perf_counter()
        futures = [executor.submit(run_trial, t) for t in candidates(problem, CANDIDATES, CANDIDATE_STEPS)]
        assert all(future.result().outcome.status == "done" for future in futures)
        return 3600 * CANDIDATES / (time.perf_counter() - begun)


def speed_up() -> dict[str, float]:
    """Two workers against one."""
    turns = [(candidates_an_hour(1), candidates_an_hour(2)) for _ in range(TURNS)]
    one, two = (statistics.median(column) for column in zip(*turns, strict=True))
    return {
        "one_worker": one,
        "two_workers": two,
        "speed_up": statistics.median(second / first for first, second in turns),
    }


def grown(problem: Problem, networks: int, seed: int) -> Architecture:
    """A random architecture of five networks, whose connections are divided until it has more."""
    small = replace(SPACE, max_networks=5)
    drawn = (random_architecture(problem, small, seed=1000 * seed + each) for each in range(1000))
    architecture = next(each for each in drawn if len(each.networks) == 5)
    operator, rng = OPERATORS["divide_connection"], np.random.default_rng(seed)
    while len(architecture.networks) < networks:
        sites = operator.sites(architecture)
        made = operator.apply(
            architecture, sites[int(rng.integers(len(sites)))], seed=int(rng.integers(2**31))
        )
        architecture = architecture if isinstance(made, Refusal) else made.architecture
    return architecture


def milliseconds_a_step(problem: Problem, architecture: Architecture) -> float:
    """Of the engine that trains it by default."""
    outputs = tuple(sorted(architecture.output_names))
    engine = make_engine(
        Task(
            model=build(architecture, seed=0),
            problem=problem,
            part=architecture.network_names,
            outputs=outputs,
            looked_at=problem.validation,
            batch_size=BATCH,
            seed=0,
            balance=Static().start(outputs, steps=None),
            known={},
            known_at_look={},
        )
    )
    rows = torch.arange(BATCH)
    engine.step(rows, 1e-3)
    begun = time.perf_counter()
    for _ in range(STEPS):
        engine.step(rows, 1e-3)
    return 1000 * (time.perf_counter() - begun) / STEPS


def growth_with_networks() -> dict[str, float]:
    """Median milliseconds of a step by number of networks, and how they grow."""
    problem = load_problem("digits")
    times = {
        count: statistics.median(
            milliseconds_a_step(problem, grown(problem, count, seed)) for seed in range(ARCHITECTURES)
        )
        for count in NETWORKS
    }
    slope = np.polyfit(np.log(list(times)), np.log(list(times.values())), 1)[0]
    return {**{str(count): taken for count, taken in times.items()}, "exponent": float(slope)}


def growth_of_memory() -> dict[str, float]:
    """Resident megabytes after the first candidates, and the most after them."""
    problem, resident = load_problem("digits"), []
    with InlineExecutor() as executor:
        for trial in candidates(problem, KEPT, KEPT_STEPS):
            executor.submit(run_trial, trial).result()
            resident.append(_resident())
    first, most = resident[FIRST - 1], max(resident[FIRST:])
    return {"first": first, "most": most, "ratio": most / first}


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 2**20


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON value")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write that value into a file, too")
    options = parser.parse_args()
    one_thread()
    found = {
        "memory": growth_of_memory(),
        "networks": growth_with_networks(),
        "workers": speed_up(),
    }
    if options.write:
        options.write.write_text(json.dumps(found, indent=1), encoding="utf-8")
    if options.json:
        print(json.dumps(found))
        return
    for group, figures in found.items():
        print(f"{group:10}" + "".join(f"{name:>14} {figure:9.2f}" for name, figure in figures.items()))


if __name__ == "__main__":
    main()

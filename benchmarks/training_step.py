"""Time of a training step, against PyTorch and against the arithmetic that it cannot do without.

For each of the twenty architectures of `data/workload_graphs.json`, on one core, at batches of 50 and 150,
five things take turns within one process, and the medians over the turns are told, in milliseconds:

- `native`: a step of the native engine, from row numbers to changed weights;
- `eager`: the same by PyTorch's autograd with fused Adam, written by hand with nothing beside it;
- `reference`: the same by Graftwork's own PyTorch engine;
- `limit`: the matrix products of the step alone, at their own shapes, in a compiled loop over the library
  that the native engine uses;
- `torch_limit`: the same products by `torch.mm` into given tensors.

`ratio_to_eager` and `ratio_to_limit` are native over eager and native over limit, medians over the graphs at
a batch of 50. Goals: at most 0.35 and at most 1.7.

    python benchmarks/training_step.py [--graphs FILE] [--turns N] [--json] [--write FILE]
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from graftwork.architecture import Architecture, parameter_shapes
from graftwork.model import HeterogeneousModel, with_weights
from graftwork.runtime import one_thread, torch_generator
from graftwork.training import Static
from graftwork.training.engines import EagerEngine, Engine, NativeEngine, Task
from plain import plain_step
from products import native_products, products_of, torch_products
from workload import GRAPHS, synthetic, workload

BATCHES = (50, 150)
TURNS, STEPS_A_TURN = 9, 5
RATIOS = {
    "ratio_to_eager": "eager",
    "ratio_to_reference": "reference",
    "ratio_to_limit": "limit",
    "ratio_to_torch_limit": "torch_limit",
}


def model_of(architecture: Architecture) -> HeterogeneousModel:
    """A model with small random weights, of an architecture that may break rules of ours."""
    generator = torch_generator(0, 0, "weights")
    shapes = parameter_shapes(architecture)
    return with_weights(
        architecture, {name: 0.05 * torch.randn(shape, generator=generator) for name, shape in shapes.items()}
    )


def task_of(architecture: Architecture, batch: int) -> Task:
    """Training all of an architecture on synthetic rows."""
    problem, outputs = synthetic(), tuple(sorted(architecture.output_names))
    return Task(
        model=model_of(architecture),
        problem=problem,
        part=architecture.network_names,
        outputs=outputs,
        looked_at=problem.validation.first(100),
        batch_size=batch,
        seed=0,
        balance=Static().start(outputs, steps=None),
        known={},
        known_at_look={},
    )


def measure(architecture: Architecture, batch: int, turns: int) -> dict[str, float]:
    """Milliseconds of each of the five."""
    products = products_of(architecture)
    calls = {
        "native": _stepping(_engine_step(NativeEngine(task_of(architecture, batch))), batch),
        "eager": _stepping(plain_step(architecture, synthetic()), batch),
        "reference": _stepping(_engine_step(EagerEngine(task_of(architecture, batch))), batch),
        "limit": native_products(products, batch),
        "torch_limit": torch_products(products, batch),
    }
    for call in calls.values():
        call()
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(turns):
        for name, call in calls.items():
            begun = time.perf_counter()
            for _ in range(STEPS_A_TURN):
                call()
            times[name].append(1000 * (time.perf_counter() - begun) / STEPS_A_TURN)
    return {name: statistics.median(taken) for name, taken in times.items()}


def _engine_step(engine: Engine) -> Callable[[Tensor], object]:
    return partial(engine.step, learning_rate=1e-3)


def _stepping(make_step: Callable[[Tensor], object], batch: int) -> Callable[[], None]:
    rows = torch.randperm(1800, generator=torch.Generator().manual_seed(0)).split(batch)
    steps = iter(range(10**9))

    def step() -> None:
        make_step(rows[next(steps) % (1800 // batch)])

    return step


def summary(rows: Mapping[str, Mapping[int, Mapping[str, float]]], batch: int) -> dict[str, float]:
    """Median over the graphs of each ratio."""
    return {
        ratio: statistics.median(row[batch]["native"] / row[batch][other] for row in rows.values())
        for ratio, other in RATIOS.items()
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--graphs", type=Path, default=GRAPHS, help="a file of architectures")
    parser.add_argument("--turns", type=int, default=TURNS, help="turns that each of the five takes")
    parser.add_argument("--json", action="store_true", help="print one JSON value")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write that value into a file, too")
    options = parser.parse_args()
    if options.turns < 1:
        parser.error("--turns must be at least 1")
    one_thread()
    rows = {
        name: {batch: measure(architecture, batch, options.turns) for batch in BATCHES}
        for name, architecture in workload(options.graphs).items()
    }
    graphs = [
        {"graph": name, "batch": batch, **times} for name, row in rows.items() for batch, times in row.items()
    ]
    by_batch = {str(batch): summary(rows, batch) for batch in BATCHES}
    told = {"unit": "ms", **summary(rows, BATCHES[0]), "by_batch": by_batch, "graphs": graphs}
    if options.write:
        options.write.write_text(json.dumps(told, indent=1), encoding="utf-8")
    if options.json:
        print(json.dumps(told))
        return
    print(
        f"{'graph':8}{'batch':>6}"
        + "".join(f"{name:>13}" for name in ("native", "eager", *list(RATIOS.values())[1:]))
    )
    for name, row in rows.items():
        for batch, times in row.items():
            print(f"{name:8}{batch:6}" + "".join(f"{value:13.2f}" for value in times.values()))
    for batch in BATCHES:
        ratios = ", ".join(f"{name} {value:.2f}" for name, value in summary(rows, batch).items())
        print(f"median at batch {batch}: {ratios}")


if __name__ == "__main__":
    main()

"""How far scores of the native engine and of PyTorch lie apart after 100 steps, and PyTorch's from its own.

Fifty random architectures (seeds 0 to 24 in both presets) are trained on `digits` by the native engine, by
the PyTorch engine, and by the PyTorch engine from weights that are moved by one rounding each; in float32,
and in float64. `native` and `moved` are the largest differences in skill of an output from the PyTorch
engine's: their median, the largest, and how many architectures lie within 0.001. Where the second is as large
as the first, that is rounding which grows; a difference between the engines would show in float64 too.

Nothing grows in `step`: before each of the hundred steps the native engine is given the weights of the
PyTorch engine, and after it their largest difference in any weight counts.

    python benchmarks/agreement.py [--json]
"""

from __future__ import annotations

import argparse
import copy
import itertools
import json
import statistics

import torch

from graftwork import build, evaluate, load_problem, random_architecture, train
from graftwork.architecture import SearchSpace
from graftwork.model import HeterogeneousModel
from graftwork.problem import Problem
from graftwork.runtime import Budget, one_thread, torch_generator
from graftwork.training import Static, TrainingOptions
from graftwork.training.batches import batches
from graftwork.training.engines import EagerEngine, EngineName, NativeEngine, Task

SEEDS, STEPS, CLOSE = 25, 100, 1e-3
BATCH, LEARNING_RATE = 64, 3e-3
PRECISIONS = {"float32": torch.float32, "float64": torch.float64}
ROUNDING = 0.503  # of the distance of 1 from the next number: enough to be rounded to a neighbour of 1
SPACES = (SearchSpace.modern(), SearchSpace.paper())


def moved(model: HeterogeneousModel) -> HeterogeneousModel:
    """The model with every weight one rounding up or down."""
    other, generator = copy.deepcopy(model), torch_generator(0, 0, "moved")
    with torch.no_grad():
        for parameter in other.parameters():
            sign = torch.randn(parameter.shape, generator=generator).sign().to(parameter)
            parameter.mul_(1 + ROUNDING * torch.finfo(parameter.dtype).eps * sign)
    return other


def skills(model: HeterogeneousModel, problem: Problem, engine: EngineName, seed: int) -> dict[str, float]:
    """Skill of each output after the training."""
    options = TrainingOptions(engine=engine, batch_size=BATCH, learning_rate=LEARNING_RATE, patience=10**6)
    trained = train(model, problem, budget=Budget(steps=STEPS), seed=seed, options=options)
    return {name: score.skill for name, score in evaluate(trained.model, problem).items()}


def measure(problem: Problem, space: SearchSpace, seed: int, dtype: torch.dtype) -> tuple[float, float]:
    """Largest difference from the PyTorch engine: of the native one, and of its own from moved weights."""
    model = build(random_architecture(problem, space, seed=seed), seed=seed).to(dtype)
    reference = skills(model, problem, "eager", seed)
    others = skills(model, problem, "native", seed), skills(moved(model), problem, "eager", seed)
    native, own = (max(abs(other[name] - reference[name]) for name in reference) for other in others)
    return native, own


def after_each_step(problem: Problem, space: SearchSpace, seed: int, dtype: torch.dtype) -> float:
    """Largest difference of a weight after any step that both engines make from the same weights."""
    model = build(random_architecture(problem, space, seed=seed), seed=seed).to(dtype)
    models = model, copy.deepcopy(model)
    engines = NativeEngine(_task(models[0], problem, seed)), EagerEngine(_task(models[1], problem, seed))
    drawn = batches(problem.train.rows, size=BATCH, generator=torch_generator(seed, 0, "batches"))
    pairs = [*zip(*(made.parameters() for made in models), strict=True)]
    largest = 0.0
    for rows in itertools.islice(drawn, STEPS):
        with torch.no_grad():
            for native, reference in pairs:
                native.copy_(reference)
        for engine in engines:
            engine.step(rows, LEARNING_RATE)
        with torch.no_grad():
            largest = max(largest, *(float((native - own).abs().max()) for native, own in pairs))
    return largest


def _task(model: HeterogeneousModel, problem: Problem, seed: int) -> Task:
    outputs = tuple(sorted(problem.outputs))
    return Task(
        model=model,
        problem=problem,
        part=model.architecture.network_names,
        outputs=outputs,
        looked_at=problem.validation,
        batch_size=BATCH,
        seed=seed,
        balance=Static().start(outputs, steps=STEPS),
        known={},
        known_at_look={},
    )


def summary(problem: Problem, dtype: torch.dtype) -> dict[str, dict[str, float]]:
    """Figures of all architectures in one precision, by what is held against the PyTorch engine."""
    converted = problem.to(dtype)
    drawn = [*itertools.product(SPACES, range(SEEDS))]
    found = [measure(converted, space, seed, dtype) for space, seed in drawn]
    steps = [after_each_step(converted, space, seed, dtype) for space, seed in drawn]
    columns = {name: [pair[index] for pair in found] for index, name in enumerate(("native", "moved"))}
    return {
        name: {
            "median": statistics.median(column),
            "largest": max(column),
            "within": sum(value <= CLOSE for value in column),
        }
        for name, column in {**columns, "step": steps}.items()
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON value")
    as_json = parser.parse_args().json
    one_thread()
    problem, count = load_problem("digits"), SEEDS * len(SPACES)
    figures = {name: summary(problem, dtype) for name, dtype in PRECISIONS.items()}
    if as_json:
        print(json.dumps({"architectures": count, **figures}))
        return
    for precision, rows in figures.items():
        for name, figure in rows.items():
            told = f"median {figure['median']:.1e}, largest {figure['largest']:.1e}"
            print(f"{precision} {name:8} {told}, within {CLOSE}: {figure['within']} of {count}")


if __name__ == "__main__":
    main()

"""How far scores of the native engine and of PyTorch lie apart after 100 steps, and PyTorch's from its own.

Fifty random architectures (seeds 0 to 24 in both presets) are trained on `digits` by the native engine, by
the PyTorch engine, and by the PyTorch engine from weights that are moved by one rounding each. `native` and
`moved` are the largest differences in skill of an output from the PyTorch engine's: their median, and how
many architectures lie above 0.001. Where the second is as large as the first, that is rounding which grows.

    python benchmarks/agreement.py [--json]
"""

from __future__ import annotations

import argparse
import copy
import json
import statistics

import torch

from graftwork import build, evaluate, load_problem, random_architecture, train
from graftwork.architecture import SearchSpace
from graftwork.model import HeterogeneousModel
from graftwork.problem import Problem
from graftwork.runtime import Budget, one_thread, torch_generator
from graftwork.training import TrainingOptions
from graftwork.training.engines import EngineName

SEEDS, STEPS, CLOSE, ROUNDING = 25, 100, 1e-3, 6e-8
SPACES = (SearchSpace.modern(), SearchSpace.paper())


def moved(model: HeterogeneousModel) -> HeterogeneousModel:
    """The model with every weight one rounding up or down."""
    other, generator = copy.deepcopy(model), torch_generator(0, 0, "moved")
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.mul_(1 + ROUNDING * torch.randn(parameter.shape, generator=generator).sign())
    return other


def skills(model: HeterogeneousModel, problem: Problem, engine: EngineName, seed: int) -> dict[str, float]:
    """Skill of each output after the training."""
    options = TrainingOptions(engine=engine, patience=10**6)
    trained = train(model, problem, budget=Budget(steps=STEPS), seed=seed, options=options)
    return {name: score.skill for name, score in evaluate(trained.model, problem).items()}


def measure(problem: Problem, space: SearchSpace, seed: int) -> tuple[float, float]:
    """Largest difference from the PyTorch engine: of the native one, and of its own from moved weights."""
    model = build(random_architecture(problem, space, seed=seed), seed=seed)
    reference = skills(model, problem, "eager", seed)
    others = skills(model, problem, "native", seed), skills(moved(model), problem, "eager", seed)
    native, own = (max(abs(other[name] - reference[name]) for name in reference) for other in others)
    return native, own


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON value")
    as_json = parser.parse_args().json
    one_thread()
    problem = load_problem("digits")
    found = [measure(problem, space, seed) for seed in range(SEEDS) for space in SPACES]
    figures = {
        name: {"median": statistics.median(column), "above": sum(value > CLOSE for value in column)}
        for name, column in zip(("native", "moved"), zip(*found, strict=True), strict=True)
    }
    if as_json:
        print(json.dumps({"architectures": len(found), **figures}))
        return
    for name, figure in figures.items():
        print(f"{name:8} median {figure['median']:.1e}, above {CLOSE}: {figure['above']} of {len(found)}")


if __name__ == "__main__":
    main()

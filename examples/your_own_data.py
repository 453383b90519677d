"""Bring arrays of your own: a class, two numbers and an array to generate, answered by one model.

You learn how arrays become a problem, how a random architecture is built, trained and scored, how to see
which of its networks each output needs, and how to get answers in the units of your data.

The data are scikit-learn's wines: 178 rows of 13 chemical measurements.

    python examples/your_own_data.py --steps 400 --out wine
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import load_wine

import graftwork as gw

PHENOLS = ["total_phenols", "flavanoids", "nonflavanoid_phenols", "proanthocyanins"]
TASTE = ["alcohol", "color_intensity"]


def main() -> None:
    """Problem, model, scores, diagnosis, answers."""
    options = _options()
    data = load_wine(as_frame=True)
    table = data.frame.drop(columns="target")
    measured = table.drop(columns=[*TASTE, *PHENOLS])
    problem = gw.Problem.from_arrays(
        "wine",
        inputs={"measured": measured.to_numpy()},
        outputs={
            "cultivar": (gw.Classification(), data.target_names[data.target]),
            "taste": (gw.Regression(), table[TASTE].to_numpy()),
            "phenols": (gw.Generation(), table[PHENOLS].to_numpy()),
        },
        seed=options.seed,
    )

    space = gw.SearchSpace.modern(widths=(8, 32), max_parameters=20_000)
    architecture = gw.random_architecture(problem, space, seed=options.seed)
    model = gw.build(architecture, seed=options.seed)
    trained = gw.train(model, problem, budget=gw.Budget(steps=options.steps), seed=options.seed)
    print(f"{gw.complexity(architecture).parameters:,} parameters, {trained.steps} steps ({trained.reason})")
    for name, score in gw.evaluate(trained.model, problem).items():
        print(f"  {name}: {score.metric} {score.value:.3f}, skill {score.skill:.2f} on validation rows")

    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "architecture.svg").write_text(gw.draw_svg(architecture), encoding="utf-8")
    findings = gw.diagnose(trained.model, problem).frame()
    findings.to_csv(options.out / "diagnosis.csv", index=False)
    needed = findings[findings["metric"] == "relevance_permutation"]
    print("\nSkill that each output loses when a network's activations are shuffled over rows:")
    print(needed.pivot_table(index="component", columns="output", values="value").round(2).to_string())

    rows = problem.encode_inputs({"measured": measured.to_numpy()[:3]})
    with torch.no_grad():
        answers = trained.model(rows)
    random = torch.Generator().manual_seed(options.seed)
    answers |= trained.model.sample(problem.train.inputs, rows=3, generator=random)
    print("\nCultivar and taste of the first three rows, and three new sets of phenols:")
    for name, output in problem.outputs.items():
        print(
            f"  {name}: {np.array2string(output.decode(answers[name]), precision=2, prefix=name + ' ' * 4)}"
        )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--steps", type=int, default=400, help="most training steps")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("wine"), help="folder for what is written")
    return parser.parse_args()


if __name__ == "__main__":
    main()

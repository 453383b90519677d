"""Search for one model of handwritten digits, keep it, load it again and predict with it.

You learn what a search takes and gives back, how to read its front and the scores of the best model, and
how to carry that model elsewhere in two files: its architecture (JSON) and its weights (safetensors).

    python examples/search_digits.py --evaluations 12 --out digits

The same command goes on with a search that was interrupted.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

import graftwork as gw
from graftwork.model import with_weights
from graftwork.search import SearchSettings


def main() -> None:
    """Search, look, save, load, predict."""
    options = _options()
    problem = gw.load_problem("digits")
    settings = SearchSettings(
        space=gw.SearchSpace.modern(max_networks=6),
        initial_steps=2 * options.steps,
        steps=options.steps,
        finish_steps=10 * options.steps,
    )
    result = gw.search(
        problem,
        policy=options.policy,
        budget=gw.Budget(evaluations=options.evaluations),
        seed=options.seed,
        out=options.out / "run",
        settings=settings,
    )
    show_front(result)
    show_best(result)
    save(result.best.model, options.out)

    model = load(options.out)
    test = problem.test
    with torch.no_grad():
        answers = model(test.inputs)
    digits = problem.outputs["digit"].decode(answers["digit"])
    truth = test.targets["digit"].numpy()
    print(f"\nThe loaded model reads {(digits == truth).mean():.0%} of {test.rows} test images right,")
    print(f"the first ten as {digits[:10].tolist()}; they are {truth[:10].tolist()}.")


def show_front(result: gw.SearchResult) -> None:
    """The candidates that none other dominates in the skills of all outputs and in size."""
    print(f"\nFront: {len(result.front)} of {len(result.candidates)} candidates")
    for candidate in result.front:
        skills = {name: round(score.decision_skill, 2) for name, score in candidate.outcome.scores.items()}
        parameters = gw.complexity(candidate.architecture).parameters
        print(f"  {candidate.number}: {parameters:,} parameters, skill {skills}")


def show_best(result: gw.SearchResult) -> None:
    """The one model that is trained to the end; skill 0 is the trivial answer, 1 a perfect one."""
    best = result.best
    print(f"\nBest: candidate {best.number}, {best.complexity.parameters:,} parameters. On the test split:")
    for name, score in best.scores["test"].items():
        print(f"  {name}: {score.metric} {score.value:.3f}, skill {score.skill:.2f}")


def save(model: gw.HeterogeneousModel, folder: Path) -> None:
    """Two plain files; neither can run code when it is loaded."""
    (folder / "architecture.json").write_text(model.architecture.to_json(), encoding="utf-8")
    save_file(model.state_dict(), folder / "weights.safetensors")
    print(f"\nSaved architecture.json and weights.safetensors in '{folder}'")


def load(folder: Path) -> gw.HeterogeneousModel:
    """The saved model; `gw.build(architecture, seed=0)` would be the same one with fresh weights."""
    text = (folder / "architecture.json").read_text(encoding="utf-8")
    weights = load_file(folder / "weights.safetensors")
    return with_weights(gw.Architecture.from_json(text), weights)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--evaluations", type=int, default=12, help="candidates to try")
    parser.add_argument("--steps", type=int, default=100, help="training steps of a candidate")
    parser.add_argument("--policy", default="random", help="random, relevance or guided")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("digits"), help="folder for the run and the model")
    return parser.parse_args()


if __name__ == "__main__":
    main()

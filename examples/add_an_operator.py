"""Write an operator of your own in one class, hold it to the contract, apply it, compare with a control.

You learn what an operator must say (its name, its sites, the change) and what it gets for that: checks of
viability, a plan of which weights are inherited, and the part of the model that needs training. The operator
is in operator_package/, a package of one file; once it is installed, studies and searches know it by name:

    pip install examples/operator_package
    graftwork study digits --operator toggle_normalisation --operator narrow_layer --out study

By hand, as here, it is applied without being installed:

    python examples/add_an_operator.py --steps 200
"""

from __future__ import annotations

import argparse

import graftwork as gw
from graftwork.testing import check_operator
from graftwork.variation import Kept
from operator_package.toggle_normalisation import ToggleNormalisation


def main() -> None:
    """Check the operator, train a parent, vary it, train child and control alike, compare."""
    options = _options()
    seed, budget = options.seed, gw.Budget(steps=options.steps)
    operator = ToggleNormalisation()
    check_operator(operator, parents=6, chain=4, seed=seed)
    print(f"{operator.name} keeps what every operator promises")

    problem, space = gw.load_problem("digits"), gw.SearchSpace.modern(max_networks=6)
    architecture = gw.random_architecture(problem, space, seed=seed)
    parent = gw.train(gw.build(architecture, seed=seed), problem, budget=budget, seed=seed).model
    site = operator.sites(architecture)[0]
    variation = operator.apply(architecture, site, seed=seed, space=space)
    if isinstance(variation, gw.Refusal):
        raise SystemExit(variation.reason)
    kept = sum(isinstance(origin, Kept) for origin in variation.inheritance.values())
    print(f"{operator.name} at {site}: {kept} of {len(variation.inheritance)} parameters inherited")
    print(f"To train: {', '.join(sorted(variation.affected))}")

    child = gw.inherit(parent, variation, seed=seed)
    arms = {"child": child, "control": parent}
    trainable = variation.affected
    scores = {}
    for name, model in arms.items():
        trained = gw.train(model, problem, budget=budget, seed=seed, trainable=trainable)
        scores[name] = gw.evaluate(trained.model, problem)
    for output, score in scores["child"].items():
        skill, unchanged = score.decision_skill, scores["control"][output].decision_skill
        print(f"  {output}: skill {skill:.3f}, against the control {skill - unchanged:+.3f}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--steps", type=int, default=200, help="training steps of parent, child and control")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()

"""Write an operator of your own in one class, apply it, and hold it against training on unchanged.

You learn what an operator must say (its name, its sites, the change) and what it gets for that: checks of
viability, a plan of which weights are inherited, and the part of the model that needs training.

An operator can be applied by hand, as here, from anywhere. Studies, searches and advice know only those
that are entered in `graftwork.variation`; docs/extending.md tells how.

    python examples/add_an_operator.py --steps 200
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import graftwork as gw
from graftwork.variation import Change, Draw, Kept


class SwapActivation(gw.Operator):
    """Give all hidden layers of a network another activation, drawn from the search space; weights stay."""

    name = "swap_activation"
    tendency = "replacing"

    def sites(self, architecture: gw.Architecture) -> list[gw.Site]:
        """Every network that has a hidden layer."""
        return [gw.Site("network", (network.name,)) for network in architecture.networks if network.hidden]

    def _change(self, architecture: gw.Architecture, site: gw.Site, draw: Draw) -> Change | gw.Refusal:
        network = architecture.network(site.nodes[0])
        used = {layer.activation for layer in network.hidden}
        others = [activation for activation in draw.space.activations if activation not in used]
        if not others:
            return gw.Refusal(f"{self.name} at {site}: the space '{draw.space.name}' has no other activation")
        activation = others[int(draw.rng.integers(len(others)))]
        hidden = tuple(replace(layer, activation=activation) for layer in network.hidden)
        # Parameters that are not named as the second argument keep their value where name and shape stay.
        return Change(architecture.with_network(replace(network, hidden=hidden)))


def main() -> None:
    """Train a parent, vary it, train child and control alike, compare."""
    options = _options()
    seed, budget = options.seed, gw.Budget(steps=options.steps)
    problem, space = gw.load_problem("digits"), gw.SearchSpace.modern(max_networks=6)
    architecture = gw.random_architecture(problem, space, seed=seed)
    parent = gw.train(gw.build(architecture, seed=seed), problem, budget=budget, seed=seed).model

    operator = SwapActivation()
    site = operator.sites(architecture)[0]
    variation = operator.apply(architecture, site, seed=seed, space=space)
    if isinstance(variation, gw.Refusal):
        raise SystemExit(variation.reason)
    kept = sum(isinstance(origin, Kept) for origin in variation.inheritance.values())
    print(f"{operator.name} at {site}: {kept} of {len(variation.inheritance)} parameters inherited")
    print(f"To train: {', '.join(sorted(variation.affected))}")

    child = gw.inherit(parent, variation, seed=seed)
    arms = {"child": child, "control": parent}
    scores = {}
    for name, model in arms.items():
        trained = gw.train(model, problem, budget=budget, seed=seed, trainable=variation.affected)
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

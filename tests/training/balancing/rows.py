"""A problem in which two outputs share a narrow trunk, and one of them may be made louder."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from graftwork.architecture import Architecture, Connection, Layer, Network, interface
from graftwork.model import build
from graftwork.problem import Problem, Regression, Split
from graftwork.runtime import Budget
from graftwork.training import Balancer, TrainingOptions, split_losses, train


def two_outputs(*, loudness: float = 1.0, rows: int = 400) -> Problem:
    """`quiet` follows from the inputs; half of `loud` is noise, and its loss is `loudness` times itself."""
    random = np.random.default_rng(0)
    x = random.normal(size=(rows, 6))
    loud = np.stack([x[:, 0], x[:, 1]], axis=1) + random.normal(size=(rows, 2))
    problem = Problem.from_arrays(
        "two",
        inputs={"x": x.astype(np.float32)},
        outputs={"loud": (Regression(), loud), "quiet": (Regression(), np.tanh(x[:, 2:4]))},
    )

    def louder(split: Split) -> Split:
        return replace(split, targets={**split.targets, "loud": loudness**0.5 * split.targets["loud"]})

    return replace(problem, train=louder(problem.train), validation=louder(problem.validation))


def shared_trunk(problem: Problem) -> Architecture:
    """A trunk `n0` that both outputs read, each by a network of its own (`n1` and `n2`)."""
    inputs, outputs = interface(problem)
    return Architecture(
        inputs,
        outputs,
        (
            Network("n0", "regressor", 4, (Layer(8, "tanh"),)),
            Network("n1", "regressor", 2, ()),
            Network("n2", "regressor", 2, ()),
        ),
        (
            Connection("x", "n0"),
            Connection("n0", "n1"),
            Connection("n0", "n2"),
            Connection("n1", "loud"),
            Connection("n2", "quiet"),
        ),
    )


def losses_after(
    problem: Problem, balancer: Balancer, *, steps: int = 200, seed: int = 0
) -> dict[str, float]:
    """Validation losses after so many steps, `loud` at its own scale."""
    options = TrainingOptions(balancer=balancer, check_every=steps, batch_size=32)
    model = build(shared_trunk(problem), seed=seed)
    trained = train(model, problem, budget=Budget(steps=steps), seed=seed, options=options).model
    return split_losses(trained, problem, problem.validation)

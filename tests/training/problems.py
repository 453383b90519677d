"""A small problem with an output of each kind, and models for it."""

from __future__ import annotations

import numpy as np
import torch

from graftwork.architecture import Architecture, Connection, Layer, Network, SearchSpace, interface
from graftwork.model import HeterogeneousModel, build
from graftwork.problem import Classification, Generation, Problem, Regression

SPACE = SearchSpace.modern(widths=(4, 24), latents=(2, 6), min_parameters=1)


def make_problem(*, missing: bool = False, rows: int = 300) -> Problem:
    """Class, numbers and picture all depend on the inputs; where wanted, half of the targets are missing."""
    random = np.random.default_rng(0)
    x = random.normal(size=(rows, 6)).astype(np.float32)
    label = (x[:, 0] > 0).astype(int) + 2 * (x[:, 1] > 0).astype(int)
    numbers = np.stack([x[:, 0] + x[:, 2], x[:, 1] * 2], axis=1)
    factors = x[:, [0, 1, 0, 1]] + x[:, [3, 3, 4, 4]] * 0.5
    picture = factors + 0.1 * random.normal(size=(rows, 4))
    if missing:
        label[::2] = -1
        numbers[1::2, 0] = np.nan
        picture[::3, 2] = np.nan
    return Problem.from_arrays(
        "small",
        inputs={"x": x},
        outputs={
            "label": (Classification(classes=4), label),
            "numbers": (Regression(), numbers),
            "picture": (Generation(), picture),
        },
    )


PROBLEM = make_problem()


def _network(name: str, kind: str, width: int, latent: int = 0) -> Network:
    return Network(name, kind, width, (Layer(12, "tanh"),), latent=latent)  # type: ignore[arg-type]


def make_architecture() -> Architecture:
    """n0 feeds n1 (label), n2 (numbers) and, through n3, the decoder n4 (picture)."""
    inputs, outputs = interface(PROBLEM)
    return Architecture(
        inputs,
        outputs,
        (
            _network("n0", "regressor", 8),
            _network("n1", "discretizer", 4),
            _network("n2", "regressor", 2),
            _network("n3", "regressor", 6),
            _network("n4", "decoder", 4, latent=4),
        ),
        (
            Connection("x", "n0"),
            Connection("n0", "n1"),
            Connection("n0", "n2"),
            Connection("x", "n3"),
            Connection("n0", "n3"),
            Connection("n3", "n4", "stochastic"),
            Connection("n1", "label"),
            Connection("n2", "numbers"),
            Connection("n4", "picture"),
        ),
    )


ARCHITECTURE = make_architecture()


def make_model(seed: int = 0) -> HeterogeneousModel:
    return build(ARCHITECTURE, seed=seed)


def equal_weights(first: HeterogeneousModel, second: HeterogeneousModel) -> bool:
    """Whether two models of one architecture have the same weights, bit for bit."""
    other = second.state_dict()
    return all(torch.equal(value, other[name]) for name, value in first.state_dict().items())

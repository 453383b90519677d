"""Samples of digits whose worth is known beforehand."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.ndimage import gaussian_filter
from torch import Tensor

from graftwork.problem import METRICS, Generation, further_metrics, load_problem

ROWS = 600
SEEDS = (0, 1, 2)


def samples(seed: int) -> dict[str, Tensor]:
    """Samples made from training rows, by name."""
    problem, random = load_problem("digits"), np.random.default_rng(seed)
    output = problem.outputs["sample"]
    assert isinstance(output, Generation)
    train = output.decode(problem.train.targets["sample"])
    real = train[random.permutation(len(train))[:ROWS]]
    made = {
        "real": real,
        "noisy": real + random.normal(scale=0.15, size=real.shape),
        "blurred": gaussian_filter(real, (0, 0, 8 / 12, 8 / 12)),
        "very blurred": gaussian_filter(real, (0, 0, 1, 1)),
        "collapsed": np.repeat(real[:5], ROWS // 5, axis=0),
        "noise": random.uniform(size=real.shape),
    }
    return {name: output.encode(random.permutation(rows)) for name, rows in made.items()}


@cache
def figures(seed: int) -> dict[str, dict[str, float]]:
    """All metrics of each sample by its name, on test rows."""
    problem, names = load_problem("digits"), frozenset(METRICS)
    return {
        name: dict(problem.score("sample", rows, "test").metrics)
        | further_metrics(problem, "sample", rows, "test", names)
        for name, rows in samples(seed).items()
    }

"""Problems of which it is known what each output needs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from graftwork.problem import Classification, Problem, Regression
from graftwork.runtime import generator

Array = npt.NDArray[np.float64]
BLOCKS = ("first", "second", "third")
NOISE = "noise"
OUTPUTS = ("size", "kind")
_ROWS, _COLUMNS, _CLASSES = 1000, 3, 3
_FRACTIONS = (0.5, 0.4, 0.1)


def block_problem(seed: int, *, aside: bool = False) -> Problem:
    """Two outputs that both need every one of three inputs, and an input that is noise to them.

    Each input of three numbers adds as much to either output as any other does, each time by two nonlinear
    functions of it, so that whoever reads an input has to hand on more than one number.

    Args:
        seed: Seed of every draw.
        aside: Whether there is a third output, which needs the noise and nothing else.
    """
    rng = generator(seed, 0, "block problem")
    inputs = {name: rng.normal(size=(_ROWS, _COLUMNS)) for name in (*BLOCKS, NOISE)}
    # A head of two numbers: one of a single number would be a bottleneck of one unit that nobody planted.
    size, other, kind = (
        np.stack([effect(inputs[name], rng) for name in BLOCKS]).sum(axis=0) + 0.2 * rng.normal(size=_ROWS)
        for _ in range(3)
    )
    edges = np.quantile(kind, np.arange(1, _CLASSES) / _CLASSES)
    outputs: dict[str, tuple[Regression | Classification, Array]] = {
        "size": (Regression(), np.stack([size, other], axis=1)),
        "kind": (Classification(), np.digitize(kind, edges)),
    }
    if aside:
        outputs["aside"] = (Regression(), effect(inputs[NOISE], rng) + 0.2 * rng.normal(size=_ROWS))
    return Problem.from_arrays("blocks", inputs=inputs, outputs=outputs, seed=seed, fractions=_FRACTIONS)


def pair_problem(seed: int) -> Problem:
    """Three pairs of outputs, each of an input of its own; the first pair's targets oppose each other."""
    rng = generator(seed, 0, "pair problem")
    inputs = {name: rng.normal(size=(_ROWS, _COLUMNS)) for name in BLOCKS}
    outputs: dict[str, tuple[Regression, Array]] = {}
    for name in BLOCKS:
        shared, second = effect(inputs[name], rng), -1.0 if name == BLOCKS[0] else 1.0
        noise = 0.4 * rng.normal(size=(2, _ROWS))
        outputs[f"{name}_one"] = (Regression(), shared + noise[0])
        outputs[f"{name}_two"] = (Regression(), second * shared + noise[1])
    return Problem.from_arrays("pairs", inputs=inputs, outputs=outputs, seed=seed, fractions=_FRACTIONS)


def effect(block: Array, rng: np.random.Generator) -> Array:
    """What an input adds to a target, (rows,), of mean 0 and variance 1."""
    axes, _ = np.linalg.qr(rng.normal(size=(_COLUMNS, _COLUMNS)))
    turned = block @ axes
    value = np.tanh(2 * turned[:, 0]) + 0.7 * np.abs(turned[:, 1])
    return np.asarray((value - value.mean()) / value.std())

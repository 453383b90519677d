"""Problems and architectures that hold, between them, everything that the native engine covers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import pytest
import torch
from tests.variation.samples import rough_model
from torch import Tensor

from graftwork.architecture import (
    Architecture,
    Connection,
    Layer,
    Network,
    SearchSpace,
    interface,
    random_architecture,
)
from graftwork.model import HeterogeneousModel
from graftwork.problem import Categorical, Classification, Generation, Problem, Regression, Split
from graftwork.runtime import generator
from graftwork.training.balancing import Balancer, Static
from graftwork.training.engines import EagerEngine, NativeEngine, Task
from graftwork.training.engines.native import compiled_engine
from graftwork.training.frozen import frozen_values
from graftwork.variation import affected_outputs

SPACES = tuple(
    space(widths=(5, 24), latents=(2, 6), min_parameters=1)
    for space in (SearchSpace.paper, SearchSpace.modern)
)
FIFTY = [*product(range(25), SPACES)]
"""Seeds and spaces of the random architectures on which agreement is asked for."""
WEIGHTS = Static({"digit": 0.7, "image": 1.3})


@cache
def rich_problem(*, missing: bool = True, rows: int = 200, dtype: torch.dtype = torch.float32) -> Problem:
    """Every kind of input and output, two of most; where asked for, some targets and codes are missing."""
    rng = generator(0, rows, "rich problem")
    hidden = rng.normal(size=(rows, 2))
    digit, kind = np.digitize(hidden[:, 0], [-0.6, 0.0, 0.6]), (hidden[:, 1] > 0).astype(int)
    colour, maker = rng.integers(0, 3, size=rows), rng.integers(0, 4, size=rows)
    amount = np.stack([hidden[:, 0] * hidden[:, 1], hidden[:, 1] + colour], axis=1)
    histogram = np.abs(hidden @ rng.normal(size=(2, 5))) * [1, 1, 2, 2, 5]
    image = np.tanh(hidden @ rng.normal(size=(2, 6))) + 0.05 * rng.normal(size=(rows, 6))
    row = hidden @ rng.normal(size=(2, 4)) + 0.1 * rng.normal(size=(rows, 4))
    photo = (hidden @ rng.normal(size=(2, 24)) + 0.1 * rng.normal(size=(rows, 24))).reshape(rows, 2, 3, 4)
    if missing:
        digit[::3], kind[1::4], colour[::5], maker[2::7] = -1, -1, -1, -1
        for start, target in enumerate((amount, histogram, image, row)):
            target[start :: 3 + start, start % 2] = np.nan
    problem = Problem.from_arrays(
        "rich",
        inputs={
            "pixels": hidden @ rng.normal(size=(2, 7)) + 0.1 * rng.normal(size=(rows, 7)),
            "level": rng.normal(size=rows),
            "photo": photo,
            "colour": (Categorical(), colour),
            "maker": (Categorical(), maker),
        },
        outputs={
            "digit": (Classification(), digit),
            "kind": (Classification(), kind),
            "amount": (Regression(), amount),
            "histogram": (Regression(scale="shared"), histogram),
            "image": (Generation(), image),
            "row": (Generation(beta=0.2), row),
        },
    )
    train = _with_strange_codes(problem.train) if missing else problem.train
    return replace(problem, train=train).to(dtype)


def _with_strange_codes(split: Split) -> Split:
    """Some codes that are beyond those of the categories."""
    colour = split.inputs["colour"].clone()
    colour[::6] = 3.0
    return Split({**split.inputs, "colour": colour}, split.targets)


def whole_architecture(activation: str = "tanh", *, hidden: int = 2) -> Architecture:
    """Every kind of network, role, reading and setting that is covered, in one graph."""
    inputs, outputs = interface(rich_problem())
    layers = tuple(Layer(9, activation, residual=index > 0) for index in range(hidden))
    networks = (
        Network("n0", "regressor", 8, layers, normalisation="layer", dropout=0.3),
        Network("n1", "embedding", 5, layers),
        Network("n2", "discretizer", 6, layers, dropout=0.1),
        Network("n3", "regressor", 8, layers, normalisation="layer"),
        Network("n4", "decoder", 8, layers, latent=3, normalisation="layer", dropout=0.2),
        Network("n5", "decoder", 4, layers, latent=2),
        Network("n6", "regressor", 6, layers),
        Network("n7", "discretizer", 4),
    )
    return Architecture(inputs, outputs, networks, _whole_connections())


def _whole_connections() -> tuple[Connection, ...]:
    return (
        Connection("pixels", "n0"),
        Connection("level", "n0"),
        Connection("photo", "n0", reading="pool"),
        Connection("colour", "n1"),
        Connection("maker", "n1"),
        Connection("n0", "n2"),
        Connection("photo", "n2"),
        Connection("n1", "n2"),
        Connection("n0", "n3", "residual"),
        Connection("n2", "n3"),
        Connection("photo", "n3", reading="pool"),
        Connection("n0", "n4", "stochastic"),
        Connection("n3", "n4", "stochastic"),
        Connection("n1", "n4", "condition"),
        Connection("n2", "n4", "condition"),
        Connection("n3", "n5", "stochastic"),
        Connection("n4", "n6"),
        Connection("n5", "n6"),
        Connection("n5", "n7"),
        Connection("n2", "n7"),
        Connection("n2", "digit"),
        Connection("n7", "digit"),
        Connection("n7", "kind"),
        Connection("n0", "amount"),
        Connection("n3", "amount"),
        Connection("n3", "histogram"),
        Connection("n4", "image"),
        Connection("n6", "image"),
        Connection("n5", "row"),
    )


def drawn_architecture(seed: int, space: SearchSpace, problem: Problem | None = None) -> Architecture:
    """A random architecture, half of whose networks read an image by the means of its channels."""
    architecture = random_architecture(problem or rich_problem(), space, seed=seed)
    pooled = [c for c in architecture.connections if c.source == "photo"][::2]
    return architecture.without_connections(*pooled).with_connections(
        *(replace(c, reading="pool") for c in pooled)
    )


def make_task(
    architecture: Architecture,
    *,
    dtype: torch.dtype = torch.float32,
    seed: int = 0,
    part: Iterable[str] = (),
    cached: bool = True,
    problem: Problem | None = None,
    balancer: Balancer = WEIGHTS,
    batch_size: int = 64,
    model: HeterogeneousModel | None = None,
) -> Task:
    """What an engine is asked to train: a part of a model, or all of it where no part is told.

    The values of its frozen networks are known where `cached`. A problem and a model that are given are
    taken as they are, whatever `dtype` says.
    """
    rows = problem or rich_problem(dtype=dtype)
    trained = model or rough_model(architecture, seed).to(dtype)
    chosen = frozenset(part) or architecture.network_names
    outputs = tuple(sorted(affected_outputs(architecture, chosen)))
    looked_at = rows.validation

    def known(split: Split) -> Mapping[str, Tensor]:
        return frozen_values(trained, split, chosen, outputs) if cached else {}

    return Task(
        model=trained,
        problem=rows,
        part=chosen,
        outputs=outputs,
        looked_at=looked_at,
        batch_size=batch_size,
        seed=seed,
        balance=balancer.start(outputs, steps=None),
        known=known(rows.train),
        known_at_look=known(looked_at),
    )


def both_engines(architecture: Architecture, **options: object) -> tuple[NativeEngine, EagerEngine]:
    """The two engines, each with a task of its own."""
    native, eager = (make_task(architecture, **options) for _ in range(2))  # type: ignore[arg-type]
    return NativeEngine(native), EagerEngine(eager)


def some_rows(seed: int = 0, *, problem: Problem | None = None, count: int = 48) -> Tensor:
    """Numbers of training rows."""
    rows = (problem or rich_problem()).train.rows
    return torch.randperm(rows, generator=torch.Generator().manual_seed(seed))[:count]


needs_float64 = pytest.mark.skipif(
    compiled_engine("float64") is None, reason="the native engine is not compiled for float64"
)

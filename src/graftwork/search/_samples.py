"""What a model makes up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from graftwork.errors import InputError, RunError
from graftwork.model import HeterogeneousModel, check_answers, needed_inputs
from graftwork.problem import Interface, Problem
from graftwork.runtime import torch_generator

if TYPE_CHECKING:
    import pandas as pd


def samples(
    model: HeterogeneousModel, problem: Problem | Interface, rows: int, *, seed: int = 0
) -> dict[str, pd.DataFrame | NDArray[Any]]:
    """New rows of every generation output: a table where it generates rows of one, else an array.

    Args:
        model: The model.
        problem: The problem that it answers, or its interface, such as a run keeps. Conditions of decoders,
            where there are any, are computed from its training rows, of at most 4,096 of them.
        rows: How many, 1 or more.
        seed: Seed of the draws; the same seed and number of rows, the same rows.

    Raises:
        InputError: The problem generates nothing, or the model answers another one.
        RunError: What is generated is not finite.

    Example:
        >>> import graftwork as gw
        >>> from graftwork.search import samples
        >>> problem = gw.load_problem("digits")
        >>> model = gw.build(gw.random_architecture(problem, gw.SearchSpace.modern(), seed=0), seed=0)
        >>> samples(model, problem, 3)["sample"].shape
        (3, 1, 8, 8)
    """
    check_answers(model, problem)
    names = [name for name, output in problem.outputs.items() if output.kind == "generation"]
    if not names:
        raise InputError(f"problem {problem.name!r} generates nothing; it was not asked to")
    if rows < 1:
        raise InputError(f"rows: expected 1 or more, came {rows}")
    generator = torch_generator(seed, 0, "samples")
    drawn = model.sample(_conditions(model, problem, names), rows=rows, generator=generator, outputs=names)
    made: dict[str, pd.DataFrame | NDArray[Any]] = {}
    for name in names:
        values = problem.outputs[name].decode(drawn[name].cpu())
        if not np.isfinite(values).all():
            raise RunError(f"output {name!r}: what the model makes up is not finite")
        table = problem.table
        made[name] = table.generated(name, values) if table and name in table.rows else values
    return made


def _conditions(
    model: HeterogeneousModel, problem: Problem | Interface, outputs: Sequence[str]
) -> dict[str, Tensor]:
    """Training rows of the inputs that conditions read; where there are none, a row that nobody reads."""
    read = needed_inputs(model.architecture, outputs, posterior=False)
    rows = problem.conditions
    if missing := [name for name in read if name not in rows]:
        raise InputError(
            f"the model samples under conditions of input {missing[0]!r}, of which the interface has no "
            "training rows: give the problem"
        )
    return {name: rows[name] for name in read} or {name: torch.zeros(1, 1) for name in problem.inputs}

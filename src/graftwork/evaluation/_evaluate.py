"""How well a model answers, output by output."""

from __future__ import annotations

import torch

from graftwork.model import HeterogeneousModel
from graftwork.problem import Problem, Score
from graftwork.runtime import torch_generator

SAMPLE_ROWS = 1000


@torch.no_grad()
def evaluate(
    model: HeterogeneousModel, problem: Problem, *, split: str = "validation", seed: int = 0
) -> dict[str, Score]:
    """Score every output on a split.

    Generation outputs are judged by what the model samples (1,000 arrays; conditions, where there are any,
    from training rows), never by what it reconstructs.

    Args:
        model: The model.
        problem: The problem that it answers.
        split: `train`, `validation` or `test`.
        seed: Seed of the sampled latents.

    Example:
        >>> import graftwork as gw
        >>> problem = gw.load_problem("digits")
        >>> architecture = gw.random_architecture(problem, gw.SearchSpace.modern(), seed=0)
        >>> gw.evaluate(gw.build(architecture, seed=0), problem)["digit"].metric
        'error_rate'
    """
    answers = model(problem.split(split).inputs)
    answers |= model.sample(
        problem.train.inputs, rows=SAMPLE_ROWS, generator=torch_generator(seed, 0, "samples")
    )
    return {name: problem.score(name, answers[name], split) for name in problem.outputs}

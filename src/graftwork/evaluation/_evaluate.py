"""How well a model answers, output by output."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

import torch
from torch import Tensor

from graftwork.model import HeterogeneousModel, common_dtype
from graftwork.problem import Problem, Score, chosen_metrics, further_metrics
from graftwork.runtime import torch_generator

SAMPLE_ROWS = 1000
_BATCH = 4096


@torch.no_grad()
def evaluate(
    model: HeterogeneousModel,
    problem: Problem,
    *,
    split: str = "validation",
    seed: int = 0,
    outputs: Iterable[str] | None = None,
    metrics: Literal["all"] | Iterable[str] = (),
) -> dict[str, Score]:
    """Score outputs on a split.

    Generation outputs are judged by what the model samples (1,000 arrays; conditions, where there are any,
    from training rows), never by what it reconstructs.

    Args:
        model: The model.
        problem: The problem that it answers.
        split: `train`, `validation` or `test`.
        seed: Seed of the sampled latents.
        outputs: Names of the outputs to score; all unless told. The others are not computed.

        metrics: Names of metrics in `graftwork.problem.METRICS` to add to `Score.metrics`, or "all". Some
            take seconds. A metric is absent for outputs of another kind, and where it has no meaning.

    Raises:
        InputError: The model and the problem are of different precisions, or there is no such metric.

    Example:
        >>> import graftwork as gw
        >>> problem = gw.load_problem("digits")
        >>> model = gw.build(gw.random_architecture(problem, gw.SearchSpace.modern(), seed=0), seed=0)
        >>> scores = gw.evaluate(model, problem, metrics=["roc_auc", "mae"])
        >>> scores["digit"].metric, list(scores["digit"].metrics)
        ('error_rate', ['error_rate', 'log_loss', 'roc_auc'])
        >>> list(scores["histogram"].metrics)
        ['mse', 'mae']
    """
    further = chosen_metrics(metrics)
    common_dtype(model, problem.split(split).inputs, problem.train.inputs)
    wanted = frozenset(problem.outputs if outputs is None else outputs)
    chosen = [name for name in problem.outputs if name in wanted]
    generated = [name for name in chosen if problem.outputs[name].kind == "generation"]
    predicted = [name for name in chosen if name not in generated]
    found = answers(model, problem.split(split).inputs, predicted)
    if generated:
        generator = torch_generator(seed, 0, "samples")
        given, weights = problem.train.inputs, problem.train.weights
        found |= model.sample(
            given, rows=SAMPLE_ROWS, generator=generator, outputs=generated, weights=weights
        )
    return {name: _scored(problem, name, found[name].cpu(), split, further) for name in chosen}


def _scored(problem: Problem, name: str, answer: Tensor, split: str, further: frozenset[str]) -> Score:
    score = problem.score(name, answer, split)
    if not further:
        return score
    return replace(score, metrics={**score.metrics, **further_metrics(problem, name, answer, split, further)})


@torch.no_grad()
def answers(
    model: HeterogeneousModel, inputs: Mapping[str, Tensor], outputs: Sequence[str]
) -> dict[str, Tensor]:
    """Outputs of every row, passed in batches that bound the memory of maps between layers.

    Args:
        model: The model.
        inputs: Encoded rows (rows, width) of every input.
        outputs: Names of the outputs; the others are not computed.

    Example:
        >>> import graftwork as gw
        >>> problem = gw.load_problem("digits")
        >>> model = gw.build(gw.random_architecture(problem, gw.SearchSpace.modern(), seed=0), seed=0)
        >>> answers(model, problem.test.inputs, ["digit"])["digit"].shape
        torch.Size([355, 10])
    """
    parts = []
    for start in range(0, min(map(len, inputs.values())) if outputs else 0, _BATCH):
        rows = {name: values[start : start + _BATCH].to(model.device) for name, values in inputs.items()}
        parts.append(model.run(rows, outputs=outputs).outputs)
    return {name: torch.cat([part[name] for part in parts]) for name in outputs}

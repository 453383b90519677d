"""How well metrics foretell what a deletion costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from graftwork.architecture import Architecture, SearchSpace, random_architecture
from graftwork.diagnosis import ALL_METRICS, WHOLE, Diagnosis, MetricInfo, diagnose
from graftwork.evaluation import evaluate
from graftwork.model import HeterogeneousModel, build, inherit
from graftwork.problem import Problem, load_problem
from graftwork.runtime import Budget, generator, integer_seed
from graftwork.testing.diagnosis.areas import area
from graftwork.training import train
from graftwork.variation import OPERATORS, Refusal, Variation, affected_outputs

Array = npt.NDArray[np.float64]
COSTLY = 0.02
_STEPS, _AFTER, _REPEATS, _RESAMPLES = 400, 200, 2, 1000


@dataclass(frozen=True)
class Deletion:
    """What one output lost with one network.

    Attributes:
        model: Number of the model.
        network: What was deleted.
        output: An output that hears it.
        costs: Skill of the control, which was trained on unchanged, minus skill without the network: once for
            each seed of the trainings.
        at_most: What the diagnosis said that it would cost at most, before any training.
        figures: By metric, what was foretold; the greater, the more the network is needed, where the metric
            says so at all.
    """

    model: int
    network: str
    output: str
    costs: tuple[float, ...]
    at_most: float
    figures: Mapping[str, float]

    @property
    def cost(self) -> float:
        """Mean of the costs."""
        return sum(self.costs) / len(self.costs)


def delete_parts(count: int, seed: int, tell: Callable[[int], None]) -> list[Deletion]:
    """Delete networks of random models for digits, one at a time, and train what is left.

    A model is trained and diagnosed. Then each network that can be bypassed is, once; what that affects is
    trained, and so is, in the control, the same part of the model as it was, by the same rows and seed.
    All of it is done twice, with two seeds, so that it is known how far costs are chance.

    Args:
        count: Networks to delete.
        seed: Root of every draw.
        tell: Told how many are done.
    """
    problem, deletions, done, number = load_problem("digits"), list[Deletion](), 0, 0
    while done < count:
        draw = integer_seed(seed, number, "deletions")
        architecture = random_architecture(problem, SearchSpace.modern(), seed=draw)
        children = _children(architecture, draw)[: count - done]
        if children:
            model = train(build(architecture, seed=draw), problem, budget=Budget(steps=_STEPS), seed=draw)
            for found in _of_model(number, model.model, problem, children, draw):
                deletions += found
                done += 1
                tell(done)
        number += 1
    return deletions


def repeatability(deletions: list[Deletion]) -> float | None:
    """Spearman's correlation of the costs by one seed and by the other: what chance leaves to foretell."""
    if not deletions:
        return None
    first, second = (np.array([each.costs[number] for each in deletions]) for number in range(_REPEATS))
    return spearman(first, second)


def costly_areas(deletions: list[Deletion]) -> dict[str, float]:
    """By metric, the area with which it tells costs of more than 0.02 skill from smaller ones.

    Empty where there are not both.
    """
    order = sorted(deletions, key=lambda each: each.cost <= COSTLY)
    costly = sum(each.cost > COSTLY for each in deletions)
    if not 0 < costly < len(order):
        return {}
    return {
        metric: area(np.array([each.figures[metric] for each in order]), costly)
        for metric in order[0].figures
    }


def correlations(deletions: list[Deletion], seed: int) -> dict[str, dict[str, Any]]:
    """By metric, Spearman's correlation of its figure with the cost, and a 95 % interval over models."""
    if not deletions:
        return {}
    costs, models = (np.array([getattr(each, name) for each in deletions]) for name in ("cost", "model"))
    rng, names = generator(seed, 0, "resamples"), np.unique(models)
    rows = [np.flatnonzero(models == name) for name in names]
    resamples = [
        np.concatenate([rows[i] for i in rng.integers(len(rows), size=len(rows))]) for _ in range(_RESAMPLES)
    ]
    found: dict[str, dict[str, Any]] = {}
    for metric in deletions[0].figures:
        figures = np.array([each.figures[metric] for each in deletions])
        value = spearman(figures, costs)
        drawn = [spearman(figures[chosen], costs[chosen]) for chosen in resamples]
        known = [each for each in drawn if each is not None]
        low, high = np.quantile(known, (0.025, 0.975)).tolist() if value is not None else (None, None)
        found[metric] = {"spearman": value, "low": low, "high": high}
    return found


def spearman(first: Array, second: Array) -> float | None:
    """Spearman's correlation; none where one of them does not vary.

    Example:
        >>> spearman(np.array([1.0, 2.0, 9.0]), np.array([3.0, 2.0, 1.0]))
        -1.0
    """
    ranks = [rankdata(values) - (len(values) + 1) / 2 for values in (first, second)]
    size = float(np.sqrt((ranks[0] ** 2).sum() * (ranks[1] ** 2).sum()))
    return round(float((ranks[0] * ranks[1]).sum()) / size, 12) if size > 0 else None


def _of_model(
    number: int, model: HeterogeneousModel, problem: Problem, children: list[Variation], seed: int
) -> Iterator[list[Deletion]]:
    """What every output lost, for each child."""
    diagnosis = diagnose(model, problem, metrics=ALL_METRICS, seed=seed, spread=True)
    controls: dict[frozenset[str], list[dict[str, float]]] = {}
    for child in children:
        (name,) = child.site.nodes
        part = child.affected & model.architecture.network_names or model.architecture.network_names
        without = _skills(inherit(model, child, seed=seed), problem, child.affected, seed)
        if part not in controls:
            controls[part] = _skills(model, problem, part, seed)
        yield [
            Deletion(number, name, output, costs, at_most, figures)
            for output in _hearing(model.architecture, name)
            if output in without[0] and output in controls[part][0]
            for costs in [tuple(c[output] - w[output] for c, w in zip(controls[part], without, strict=True))]
            for at_most in [max(diagnosis.interval(name, "relevance_mean", output)[1], 0.0)]
            for figures in [_figures(diagnosis, name, output)]
        ]


def _children(architecture: Architecture, seed: int) -> list[Variation]:
    """The architecture without one network, for each that can go."""
    bypass = OPERATORS["bypass_network"]
    tried = [bypass.apply(architecture, site, seed=seed) for site in bypass.sites(architecture)]
    return [each for each in tried if not isinstance(each, Refusal)]


def _hearing(architecture: Architecture, network: str) -> list[str]:
    return sorted(affected_outputs(architecture, frozenset({network})))


def _skills(
    model: HeterogeneousModel, problem: Problem, part: frozenset[str], seed: int
) -> list[dict[str, float]]:
    """Skills of the outputs that a part reaches, after it was trained, for each seed of the training."""
    outputs = affected_outputs(model.architecture, part)
    found = []
    for number in range(_REPEATS):
        draw = integer_seed(seed, number, "training")
        after = train(model, problem, budget=Budget(steps=_AFTER), seed=draw, trainable=part).model
        scores = evaluate(after, problem, seed=draw, outputs=outputs)
        found.append({name: score.skill for name, score in scores.items()})
    return found


def _figures(diagnosis: Diagnosis, network: str, output: str) -> dict[str, float]:
    """What every metric says of a network for an output, by its own direction."""
    found: dict[str, float] = {}
    for f in diagnosis.findings:
        info = diagnosis.info(f.metric)
        if f.component == network and f.component != WHOLE and _speaks(info, f.output, output):
            found[f.metric] = -f.value if info.direction == "less needed" else f.value
    return found


def _speaks(info: MetricInfo, about: str | None, output: str) -> bool:
    return info.about == "component alone" or (info.about == "output" and about == output)

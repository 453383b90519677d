"""What operators do: medians with intervals bootstrapped over parents, and corrected tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from graftwork.runtime import generator
from graftwork.study.correction import corrected, family
from graftwork.study.record import COMPLEXITY_FIGURES, Record

RESAMPLES = 1000
Sample = dict[tuple[str, int], list[float]]


@dataclass(frozen=True, slots=True)
class Interval:
    """A median and its 95 % interval, bootstrapped over parents."""

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect of one operator on one thing.

    Attributes:
        operator: Name of the operator; `continue` shows the noise of training with another seed.
        response: `skill:<kind>`, or the name of a complexity figure.
        affected: Whether the outputs are those that the operator affects; none for complexity.
        records: How many records.
        parents: How many parents they are of.
        change: Median change, in skill, or in the logarithm of the ratio of a complexity figure.
        improved: Share of records in which it rose.
        effect_size: Matched-pairs rank-biserial correlation over the means of parents, from -1 to 1.
        p: Wilcoxon signed-rank test of the means of parents against 0.
        q: The same, corrected (Benjamini and Hochberg) over all skills, or over all complexity figures.
    """

    operator: str
    response: str
    affected: bool | None
    records: int
    parents: int
    change: Interval
    improved: float
    effect_size: float
    p: float
    q: float


def operator_effects(records: Sequence[Record], *, seed: int = 0) -> list[Effect]:
    """The table of effects: every operator, on every kind of output and every complexity figure.

    Source: intervals by the cluster bootstrap (Field and Welsh, 2007); effect size after Kerby (2014).
    """
    tested = [_effect(*cell, seed=seed) for cell in _cells(records)]
    q_values = corrected([effect.p for effect in tested], [family(effect.response) for effect in tested])
    return [replace(effect, q=q) for effect, q in zip(tested, q_values, strict=True)]


def _cells(records: Sequence[Record]) -> Iterable[tuple[str, str, bool | None, Sample]]:
    operators = sorted({record.operator for record in records})
    kinds = sorted({kind for record in records for kind in record.kinds.values()})
    for operator in operators:
        own = [record for record in records if record.operator == operator]
        for kind in kinds:
            for affected in (True, False):
                sample = skill_sample(own, kind, affected=affected)
                if sample:
                    yield operator, f"skill:{kind}", affected, sample
        if operator != "continue":
            for figure in COMPLEXITY_FIGURES:
                sample = complexity_sample(own, figure)
                # A trial that failed has no architecture to measure.
                if sample:
                    yield operator, figure, None, sample


def skill_sample(records: Iterable[Record], kind: str, *, affected: bool | None = None) -> Sample:
    """Changes of skill by parent, of outputs of a kind, all or only the affected or unaffected ones."""
    sample: Sample = {}
    for record in records:
        for output, change in record.effects.items():
            fits = affected is None or (output in record.affected) == affected
            if record.kinds[output] == kind and fits:
                sample.setdefault((record.problem, record.parent), []).append(change)
    return sample


def complexity_sample(records: Iterable[Record], figure: str) -> Sample:
    """Changes of a complexity figure by parent."""
    sample: Sample = {}
    for record in records:
        if figure in record.complexity:
            sample.setdefault((record.problem, record.parent), []).append(record.complexity[figure])
    return sample


def _effect(operator: str, response: str, affected: bool | None, sample: Sample, *, seed: int) -> Effect:
    values = np.concatenate([np.asarray(v) for v in sample.values()])
    means = parent_means(sample)
    return Effect(
        operator=operator,
        response=response,
        affected=affected,
        records=len(values),
        parents=len(means),
        change=bootstrap_median(sample, seed=seed),
        improved=float((values > 0).mean()),
        effect_size=rank_biserial(means),
        p=signed_rank_p(means),
        q=1.0,
    )


def parent_means(sample: Sample) -> np.ndarray:
    """One number a parent: records of one parent are not independent."""
    return np.array([float(np.mean(values)) for values in sample.values()])


def bootstrap_median(sample: Sample, *, seed: int) -> Interval:
    """Median over records, and its 95 % percentile interval over resampled parents."""
    groups = [np.asarray(values) for values in sample.values()]
    values = np.concatenate(groups)
    order = np.argsort(values)
    owners = np.repeat(np.arange(len(groups)), [len(group) for group in groups])[order]
    shares = np.full(len(groups), 1 / len(groups))
    counts = generator(seed, 0, "bootstrap").multinomial(len(groups), shares, size=RESAMPLES)
    # A parent that is drawn twice brings each of its values twice; the middle ones are read off their ranks.
    ranks = counts[:, owners].cumsum(axis=1)
    total = ranks[:, -1:]
    lower, upper = ((ranks > middle).argmax(axis=1) for middle in ((total - 1) // 2, total // 2))
    medians = (values[order][lower] + values[order][upper]) / 2
    low, high = np.quantile(medians, [0.025, 0.975])
    return Interval(float(np.median(values)), float(low), float(high))


def signed_rank_p(means: np.ndarray) -> float:
    """Two-sided Wilcoxon signed-rank p-value of means against 0; 1 where nothing differs from 0."""
    from scipy.stats import wilcoxon

    if not np.any(means):
        return 1.0
    return float(wilcoxon(means).pvalue)


def rank_biserial(means: np.ndarray) -> float:
    """Matched-pairs rank-biserial correlation: share of rank sums above 0 minus that below."""
    from scipy.stats import rankdata

    kept = means[means != 0]
    if len(kept) == 0:
        return 0.0
    ranks = rankdata(np.abs(kept))
    return float((ranks * np.sign(kept)).sum() / ranks.sum())


def operators_differ(records: Sequence[Record], kind: str) -> float:
    """Kruskal-Wallis p-value: whether operators differ in what they do to affected outputs of a kind.

    It is 1 where it cannot be asked.
    """
    from scipy.stats import kruskal

    operators = sorted({record.operator for record in records} - {"continue"})
    samples = [skill_sample([r for r in records if r.operator == o], kind, affected=True) for o in operators]
    groups = [parent_means(sample) for sample in samples if len(sample) > 1]
    if len(groups) < 2 or len(np.unique(np.concatenate(groups))) < 2:
        return 1.0
    return float(kruskal(*groups).pvalue)

"""Deducing guidelines: search on one half of the parents, estimate and test on the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from graftwork.errors import InputError
from graftwork.guidelines.guideline import Condition, Evidence, Guideline
from graftwork.guidelines.guidelines import Guidelines
from graftwork.runtime import generator
from graftwork.study import Interval, Record, Study
from graftwork.study.correction import corrected, family
from graftwork.study.effects import (
    Sample,
    bootstrap_median,
    complexity_sample,
    parent_means,
    signed_rank_p,
    skill_sample,
)

LEAST_PARENTS = 5
MOST_CONDITIONS = 2
CONDITIONS: tuple[Condition, ...] = tuple(
    Condition(feature, relation, threshold)
    for feature, threshold in (
        ("exclusive", 0.5),
        ("is_decoder", 0.5),
        ("irrelevance", 0.5),
        ("parameter_share", 0.25),
        *((f"reaches_{kind}", 0.5) for kind in ("classification", "regression", "generation")),
        *((f"relevance_rank_{kind}", 0.5) for kind in ("classification", "regression", "generation")),
    )
    for relation in (">=", "<")
)


@dataclass(frozen=True)
class Hypothesis:
    """An operator, conditions and a response, with the direction that the first half of the parents shows."""

    operator: str
    when: tuple[Condition, ...]
    response: str
    direction: float


def deduce(studies: Sequence[Study], *, alpha: float = 0.1, seed: int | None = None) -> Guidelines:
    """Deduce the guidelines that studies support.

    Hypotheses are searched on one half of the parents. The other half, which took no part, tests them
    (Wilcoxon signed-rank over the means of parents), and only those whose corrected p-value
    (Benjamini-Hochberg, skill and parameters apart) is at most `alpha`, in the same direction, are kept;
    their expectations are of that half too, so that the search cannot flatter them.

    Args:
        studies: Finished studies, each once. Parents of studies with one seed are taken to be the same.
        alpha: Largest false discovery rate.
        seed: Seed of the halves; that of the first study unless told.

    Raises:
        InputError: No operator was tried to the end, a study came twice, or `alpha` is not between 0 and 1.
    """
    if not 0 < alpha < 1:
        raise InputError(f"alpha must lie between 0 and 1, but it is {alpha}")
    structural = _pooled(studies)
    if not structural:
        raise InputError("the studies hold no finished records, so nothing can be deduced from them")
    if seed is None:
        seed = int(studies[0].design.get("seed", 0))
    first, second = halves(structural, seed)
    hypotheses = find_hypotheses(first)
    return Guidelines(
        guidelines=tuple(_confirmed(hypotheses, second, alpha, seed)),
        studies=tuple(dict(study.design) for study in studies),
        tested=len(hypotheses),
        spread={response: _spread(structural, response) for response in responses(structural)},
    )


def _pooled(studies: Sequence[Study]) -> list[Record]:
    """Finished records of operators, numbered so that parents that were drawn apart are parents apart."""
    seeds = list(dict.fromkeys(study.design.get("seed") for study in studies))
    span = 1 + max((record.parent for study in studies for record in study.records), default=0)
    pooled: list[Record] = []
    for place, study in enumerate(studies):
        if study in studies[:place]:
            raise InputError(
                f"study {place + 1} came before, and its records would count twice; give it once"
            )
        first = span * seeds.index(study.design.get("seed"))
        pooled += [replace(r, parent=first + r.parent) for r in study.records if _tells(r)]
    return sorted(pooled, key=lambda record: (record.parent, record.trial))


def _tells(record: Record) -> bool:
    return record.status == "done" and record.operator != "continue"


def halves(records: Sequence[Record], seed: int) -> tuple[list[Record], list[Record]]:
    """Split records by parent, each problem's parents in two halves."""
    rng = generator(seed, 0, "halves")
    first: set[tuple[str, int]] = set()
    for problem in sorted({record.problem for record in records}):
        parents = sorted({record.parent for record in records if record.problem == problem})
        rng.shuffle(parents)
        first |= {(problem, parent) for parent in parents[: len(parents) // 2]}
    return (
        [record for record in records if (record.problem, record.parent) in first],
        [record for record in records if (record.problem, record.parent) not in first],
    )


def responses(records: Iterable[Record]) -> list[str]:
    """What an operator may change: the skill of each kind of output, and the number of parameters."""
    return [*sorted({f"skill:{kind}" for record in records for kind in record.kinds.values()}), "parameters"]


def response_sample(records: Iterable[Record], response: str) -> Sample:
    """Changes of a response by parent, over all outputs of the kind, affected or not."""
    if response.startswith("skill:"):
        return skill_sample(records, response.removeprefix("skill:"))
    return complexity_sample(records, response)


def find_hypotheses(records: Sequence[Record]) -> list[Hypothesis]:
    """For every operator and response: the whole, and the subgroup that differs the most from the rest."""
    found: list[Hypothesis] = []
    for operator in sorted({record.operator for record in records}):
        own = [record for record in records if record.operator == operator]
        for response in responses(records):
            found += _for_response(operator, own, response)
    return found


def _for_response(operator: str, records: Sequence[Record], response: str) -> list[Hypothesis]:
    whole = _hypothesis(operator, (), response, records)
    columns = _Columns(records, response)
    best: tuple[float, tuple[Condition, ...]] = (2.0, ())
    for size in range(1, MOST_CONDITIONS + 1):
        for when in combinations(CONDITIONS, size):
            score = columns.contrast(when)
            # A second condition has to earn its place.
            if score > best[0] * (1.0 if len(best[1]) == size else 1.25):
                best = (score, when)
    subgroup = _hypothesis(operator, best[1], response, records) if best[1] else None
    return [hypothesis for hypothesis in (whole, subgroup) if hypothesis]


def _hypothesis(
    operator: str, when: tuple[Condition, ...], response: str, records: Iterable[Record]
) -> Hypothesis | None:
    means = parent_means(response_sample(_where(records, when), response))
    if len(means) < LEAST_PARENTS or not np.any(means):
        return None
    return Hypothesis(operator, when, response, float(np.sign(np.median(means) or means.mean())))


def _where(records: Iterable[Record], when: Sequence[Condition]) -> list[Record]:
    return [record for record in records if all(condition.holds(record.features) for condition in when)]


class _Columns:
    """A response of records as arrays, of which very many subgroups are asked."""

    def __init__(self, records: Sequence[Record], response: str) -> None:
        samples = [response_sample([record], response) for record in records]
        values = [[value for own in sample.values() for value in own] for sample in samples]
        self.sums = np.array([sum(own) for own in values], dtype=float)
        self.counts = np.array([len(own) for own in values], dtype=float)
        numbers: dict[tuple[str, int], int] = {}
        self.parents = [numbers.setdefault((r.problem, r.parent), len(numbers)) for r in records]
        self.holds = {c: np.array([c.holds(r.features) for r in records], dtype=bool) for c in CONDITIONS}

    def means(self, group: np.ndarray) -> np.ndarray:
        """Means of the parents of a group."""
        counts = np.bincount(self.parents, self.counts * group)
        present = counts > 0
        return np.bincount(self.parents, self.sums * group)[present] / counts[present]

    def contrast(self, when: tuple[Condition, ...]) -> float:
        """Welch's t between a subgroup and the rest, over means of parents; 0 where one is too small."""
        inside = np.logical_and.reduce([self.holds[condition] for condition in when])
        a, b = self.means(inside), self.means(~inside)
        if min(len(a), len(b)) < LEAST_PARENTS:
            return 0.0
        error = float(np.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b)))
        return abs(float(a.mean() - b.mean())) / error if error > 0 else 0.0


def _confirmed(
    hypotheses: Sequence[Hypothesis], records: Sequence[Record], alpha: float, seed: int
) -> Iterable[Guideline]:
    samples = [_own_sample(hypothesis, records) for hypothesis in hypotheses]
    tested = [signed_rank_p(parent_means(s)) if len(s) >= LEAST_PARENTS else 1.0 for s in samples]
    q_values = corrected(tested, [family(hypothesis.response) for hypothesis in hypotheses])
    for hypothesis, sample, p, q in zip(hypotheses, samples, tested, q_values, strict=True):
        if q <= alpha and float(np.sign(np.median(parent_means(sample)))) == hypothesis.direction:
            yield _guideline(hypothesis, records, p, q, seed)


def _own_sample(hypothesis: Hypothesis, records: Sequence[Record]) -> Sample:
    own = [record for record in records if record.operator == hypothesis.operator]
    return response_sample(_where(own, hypothesis.when), hypothesis.response)


def _guideline(hypothesis: Hypothesis, records: Sequence[Record], p: float, q: float, seed: int) -> Guideline:
    own = _where([r for r in records if r.operator == hypothesis.operator], hypothesis.when)
    wanted = -1.0 if hypothesis.response == "parameters" else 1.0
    return Guideline(
        operator=hypothesis.operator,
        verdict="do" if hypothesis.direction == wanted else "avoid",
        aim=hypothesis.response,
        when=hypothesis.when,
        expect=dict(_expectations(own, seed)),
        because=Evidence(
            records=len(own),
            parents=len({(record.problem, record.parent) for record in own}),
            problems=tuple(sorted({record.problem for record in own})),
            p=p,
            q=q,
        ),
    )


def _expectations(records: Sequence[Record], seed: int) -> Iterable[tuple[str, Interval]]:
    for response in responses(records):
        sample = response_sample(records, response)
        if sample:
            yield response, bootstrap_median(sample, seed=seed)


def _spread(records: Sequence[Record], response: str) -> float:
    """A robust standard deviation: the interquartile range of a normal distribution is 1.349 of them."""
    values = np.concatenate([np.asarray(v) for v in response_sample(records, response).values()])
    low, high = np.quantile(values, [0.25, 0.75])
    return float((high - low) / 1.349)

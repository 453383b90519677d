"""Policies side by side: equal budget, paired seeds, tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graftwork.documents import from_others, short
from graftwork.errors import InputError
from graftwork.guidelines import Guidelines
from graftwork.problem import Problem, shared_problem
from graftwork.runtime import Budget, Executor, Limits, generator, used_executor
from graftwork.search._search import history, search_spec, used_guidelines
from graftwork.search.policies import make_policy
from graftwork.search.run import run_search, tell_idle_workers
from graftwork.search.searcher import Searcher
from graftwork.search.settings import SearchSettings
from graftwork.search.shared import SharedTrials
from graftwork.search.stored import StoredRun
from graftwork.store import Milestone, Store

KIND = "comparison"
BASELINE = "random"
RESAMPLES = 10_000
ComparisonProgress = Callable[[str, int, Milestone], None]
Curve = tuple[Mapping[str, float], ...]


@dataclass(frozen=True)
class PolicyRun:
    """One search of one policy.

    Attributes:
        policy: Its name.
        seed: Seed of the run; runs of one seed begin with the same random architectures.
        history: Where it stood after each candidate.
        skills: Best skill of every output so far, after each candidate.
    """

    policy: str
    seed: int
    history: tuple[Milestone, ...]
    skills: Curve


@dataclass(frozen=True)
class PolicySummary:
    """A policy over all seeds, against the baseline.

    Attributes:
        policy: Its name.
        hypervolumes: Final hypervolume of each seed.
        evaluations: Evaluations of all runs together.
        steps: Training steps of all runs together.
        seconds: Seconds of work of all runs together.
        mean: Mean final hypervolume.
        difference: Mean paired difference to the baseline, with its 95 % bootstrap interval over seeds;
            none for the baseline.
        wins: Seeds on which it ended above the baseline.
        p: Exact two-sided sign-flip permutation test of the paired differences; none for the baseline.
        evaluations_to_baseline: Median share of the evaluations that it needed to reach what the baseline
            ended with on the same seed; infinite where it did not on most seeds.
    """

    policy: str
    hypervolumes: tuple[float, ...]
    evaluations: int
    steps: int
    seconds: float
    mean: float
    difference: tuple[float, float, float] | None
    wins: int
    p: float | None
    evaluations_to_baseline: float | None


@dataclass(frozen=True)
class Comparison:
    """Policies at equal budget.

    Attributes:
        runs: Every run.
        summaries: One a policy.
        spec: What was asked for, as JSON values.
    """

    runs: tuple[PolicyRun, ...]
    summaries: tuple[PolicySummary, ...]
    spec: Mapping[str, Any]


def compare(
    problem: Problem,
    *,
    policies: Sequence[str],
    budget: Budget,
    seeds: Sequence[int],
    out: Path,
    workers: int = 1,
    executor: str | Executor | None = None,
    limits: Limits | None = None,
    database: str | None = None,
    guidelines: Guidelines | None = None,
    settings: SearchSettings | None = None,
    progress: ComparisonProgress | None = None,
) -> Comparison:
    """Run policies on the same seeds at equal budget, and test their differences.

    Args:
        problem: What is to be answered.
        policies: Their names; `random` is what the others are held against.
        budget: Of each run.
        seeds: Runs of one seed begin with the same random architectures.
        out: Folder of the comparison; the same call goes on with it.
        workers: How many candidates are worked on side by side.
        executor: Where, as in `search`.
        limits: What a candidate may take, as in `search`.
        database: Address of a PostgreSQL database for its rows, as in `search`.
        guidelines: What `guided` is guided by; those that come with Graftwork unless told.
        settings: How each search is done.
        progress: Told after each candidate which policy and seed it was, and where that run stands.

    Raises:
        InputError: An argument is bad, or the folder holds something else.
    """
    how = settings or SearchSettings()
    _check(policies, seeds)
    chosen = {policy: make_policy(policy, guidelines) for policy in policies}
    with used_executor(executor, workers, limits) as force, shared_problem(problem, force) as shared:
        searchers = {
            f"{policy}/{seed}": Searcher(shared, chosen[policy], how, seed=seed)
            for seed in seeds
            for policy in policies
        }
        spec = _spec(problem, policies, budget, seeds, guidelines, how)
        used = used_guidelines(policies, guidelines)
        with Store.open(out, kind=KIND, spec=spec, database=database, guidelines=used) as store:
            tell_idle_workers(force, how.in_flight)
            trials = SharedTrials(force)
            for name, searcher in searchers.items():
                _run(name, searcher, budget, trials, store, progress, limits)
            if not store.finished:
                store.finish({"runs": len(searchers)})
            return _comparison(store)


def load_comparison(folder: Path) -> Comparison:
    """Read a finished comparison; `InputError` where there is none, or it was cut short."""
    with Store.read(folder, kinds={KIND}) as store, from_others(f"the comparison in '{folder}'"):
        if not store.finished:
            raise InputError(
                f"the comparison in '{folder}' is not finished; go on with it by the command that began it"
            )
        return _comparison(store)


def _check(policies: Sequence[str], seeds: Sequence[int]) -> None:
    if not policies or not seeds:
        raise InputError("a comparison needs at least one policy and one seed")
    for name, given in (("policies", policies), ("seeds", seeds)):
        if len(set(given)) != len(given):
            raise InputError(f"{name} must differ from each other, but they are {', '.join(map(str, given))}")


def _spec(
    problem: Problem,
    policies: Sequence[str],
    budget: Budget,
    seeds: Sequence[int],
    guidelines: Guidelines | None,
    settings: SearchSettings,
) -> dict[str, Any]:
    spec = search_spec(problem, "guided", budget, seeds[0], guidelines, settings)
    del spec["policy"], spec["seed"]
    return {**spec, "policies": list(policies), "seeds": list(seeds)}


def _run(
    name: str,
    searcher: Searcher,
    budget: Budget,
    executor: Executor,
    store: Store,
    progress: ComparisonProgress | None,
    limits: Limits | None,
) -> None:
    def told(milestone: Milestone) -> None:
        if progress:
            progress(searcher.policy.name, searcher.seed, milestone)

    run_search(searcher, budget, executor, StoredRun(store, arm=name), told, limits)


def _comparison(store: Store) -> Comparison:
    runs: list[PolicyRun] = []
    _check(store.spec["policies"], store.spec["seeds"])
    for policy in store.spec["policies"]:
        for seed in store.spec["seeds"]:
            arm = f"{policy}/{seed}"
            outcomes = [candidate.outcome for candidate in StoredRun(store, arm=arm).candidates()]
            if not outcomes:
                raise InputError(f"{store.folder} is damaged: it holds no candidates of {short(arm)}")
            skills = _best_skills([outcome.scores for outcome in outcomes])
            runs.append(PolicyRun(policy, seed, history(store, arm=arm), skills))
    summaries = tuple(_summary(policy, runs) for policy in store.spec["policies"])
    return Comparison(tuple(runs), summaries, dict(store.spec))


def _best_skills(scores: Sequence[Mapping[str, Any]]) -> Curve:
    best: dict[str, float] = {}
    curve = []
    for of in scores:
        for name, score in of.items():
            best[name] = max(best.get(name, -np.inf), score.decision_skill)
        curve.append(dict(best))
    return tuple(curve)


def _summary(policy: str, runs: Sequence[PolicyRun]) -> PolicySummary:
    own = [run for run in runs if run.policy == policy]
    base = [run for run in runs if run.policy == BASELINE]
    finals = np.array([run.history[-1].hypervolume for run in own])
    shared: dict[str, Any] = {
        "policy": policy,
        "hypervolumes": tuple(float(value) for value in finals),
        "evaluations": sum(run.history[-1].evaluations for run in own),
        "steps": sum(run.history[-1].steps for run in own),
        "seconds": sum(run.history[-1].seconds for run in own),
        "mean": float(finals.mean()),
    }
    if policy == BASELINE or not base:
        return PolicySummary(**shared, difference=None, wins=0, p=None, evaluations_to_baseline=None)
    differences = finals - np.array([run.history[-1].hypervolume for run in base])
    shares = [_share_needed(run, against) for run, against in zip(own, base, strict=True)]
    return PolicySummary(
        **shared,
        difference=mean_interval(differences),
        wins=int((differences > 0).sum()),
        p=sign_flip_p(differences),
        evaluations_to_baseline=float(np.median(shares)),
    )


def _share_needed(run: PolicyRun, baseline: PolicyRun) -> float:
    target = baseline.history[-1].hypervolume
    reached = [m.evaluations for m in run.history if m.hypervolume >= target]
    return reached[0] / baseline.history[-1].evaluations if reached else float("inf")


def mean_interval(differences: NDArray[np.float64]) -> tuple[float, float, float]:
    """Mean of paired differences and its 95 % percentile bootstrap interval over pairs."""
    rng = generator(0, 0, "comparison")
    means = rng.choice(differences, size=(RESAMPLES, len(differences))).mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(differences.mean()), float(low), float(high)


def sign_flip_p(differences: NDArray[np.float64]) -> float:
    """Exact two-sided sign-flip permutation test of paired differences against 0 (10,000 random flips from
    15 pairs on).

    With few pairs it cannot be small: 5 pairs give 0.0625 at the least.

    Example:
        >>> sign_flip_p(np.array([1.0, 2.0, 3.0]))
        0.25
    """
    count = len(differences)
    if count < 15:
        codes = np.arange(2**count)[:, None] >> np.arange(count) & 1
    else:
        codes = generator(0, 0, "sign flips").integers(2, size=(RESAMPLES, count))
    flipped = np.abs(((2 * codes - 1) * differences).mean(axis=1))
    return float((flipped >= abs(differences.mean()) - 1e-15).mean())


def comparison_to_payload(comparison: Comparison) -> dict[str, Any]:
    """The summaries as JSON values; infinity becomes none."""

    def plain(value: Any) -> Any:
        return None if isinstance(value, float) and not np.isfinite(value) else value

    return {
        summary.policy: {key: plain(value) for key, value in asdict(summary).items() if key != "policy"}
        for summary in comparison.summaries
    }

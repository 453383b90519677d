"""A whole search: from a problem to one model, in a folder that can be gone on with."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from graftwork.documents import from_others
from graftwork.errors import InputError, RunError
from graftwork.guidelines import Guidelines, bundled_guidelines
from graftwork.problem import Interface, Problem, shared_problem
from graftwork.runtime import Budget, Executor, Limits, used_executor
from graftwork.search.archive import Candidate
from graftwork.search.baselines import Baseline, Rival, hold_against, stored_baselines
from graftwork.search.best import BEST, Best, best_of, finalists, finish, keep_best
from graftwork.search.kept_interface import keep_interface, kept_interface
from graftwork.search.last_training import last_limits
from graftwork.search.policies import make_policy
from graftwork.search.run import Progress, run_search, tell_idle_workers
from graftwork.search.searcher import Searcher
from graftwork.search.settings import SearchSettings
from graftwork.search.stored import StoredRun
from graftwork.store import Milestone, Store

KIND = "search"


@dataclass(frozen=True)
class SearchResult:
    """What a search ends with.

    Attributes:
        front: Candidates that none other dominates.
        candidates: All of them, by number.
        history: Where the run stood after each.
        best: The one model, trained to the end and scored on the test split.
        baselines: What it was held against, on the same rows, where that was asked for.
        spec: What was asked for, as JSON values.
        interface: What was fitted to the training rows, by which its models answer without the data; None
            where the run was made by an earlier version, or no document can hold it.
        failed_baselines: Why a baseline that was asked for is not there, by its name.
    """

    front: tuple[Candidate, ...]
    candidates: tuple[Candidate, ...]
    history: tuple[Milestone, ...]
    best: Best
    baselines: tuple[Baseline, ...]
    spec: dict[str, Any]
    interface: Interface | None = None
    failed_baselines: Mapping[str, str] = field(default_factory=dict)


def search(
    problem: Problem,
    *,
    policy: str = "guided",
    budget: Budget,
    seed: int = 0,
    workers: int = 1,
    executor: str | Executor | None = None,
    limits: Limits | None = None,
    out: str | Path | None = None,
    database: str | None = None,
    guidelines: Guidelines | None = None,
    settings: SearchSettings | None = None,
    baselines: Sequence[Rival] = (),
    progress: Progress | None = None,
) -> SearchResult:
    """Search for one compact model that answers all outputs of a problem.

    The same call goes on with a run that was interrupted, and answers at once where it is finished.

    Args:
        problem: What is to be answered.
        policy: `random`, `relevance` or `guided`.
        budget: In evaluations, training steps, or seconds of work over all workers.
        seed: Root of every random draw; the same seed gives the same result, whatever the number of workers.
        workers: How many candidates are worked on side by side.
        executor: Where: `inline`, `processes`, `ray`, another package's by name, or one of your own, which
            stays open. Unless told, this process for one worker without limits, and processes for more.
        limits: What a candidate may take; one that goes beyond has failed. They are no part of what a run
            folder is known by, so that a run can be gone on with under others. The last training has
            the more time, the more steps it may take.
        out: Folder of the run; a temporary one unless told, which is gone afterwards.
        database: Address of a PostgreSQL database for the rows of the run, `postgresql://USER@HOST/DATABASE`;
            a SQLite file in the folder unless told.
        guidelines: What `guided` is guided by; those that come with Graftwork unless told.
        settings: How the search is done.
        baselines: What the best model is held against in the end, such as `graftwork.search.RIVALS`. A
            finished run is given those that it lacks.
        progress: Told after each candidate where the run stands, and at first where it goes on from.

    Raises:
        InputError: An argument is bad, or the folder holds something else; nothing is overwritten.
        RunError: No candidate could be evaluated.

    Example:
        >>> import graftwork as gw
        >>> from graftwork.search import SearchSettings
        >>> quick = SearchSettings(initial=2, initial_steps=20, steps=10, finish_steps=20)
        >>> budget = gw.Budget(evaluations=3)
        >>> result = gw.search(gw.load_problem("digits"), policy="random", budget=budget, settings=quick)
        >>> len(result.candidates), sorted(result.best.scores)
        (3, ['test', 'validation'])
    """
    how = settings or SearchSettings()
    chosen = make_policy(policy, guidelines)
    with used_executor(executor, workers, limits) as force, shared_problem(problem, force) as shared:
        searcher = Searcher(shared, chosen, how, seed=seed)
        spec = search_spec(problem, policy, budget, seed, guidelines, how)
        used = used_guidelines([policy], guidelines)
        with (
            _folder(out) as folder,
            Store.open(
                Path(folder), kind=KIND, spec=spec, hint=_HINT, database=database, guidelines=used
            ) as store,
        ):
            told = progress or (lambda milestone: None)
            tell_idle_workers(force, how.in_flight)
            run_search(searcher, budget, force, StoredRun(store), told, limits)
            best = _conclude(searcher, store, seed, force, limits)
            hold_against(
                baselines,
                shared,
                store,
                parameters=best.complexity.parameters,
                settings=how,
                seed=seed,
                executor=force,
                limits=limits and last_limits(limits, how, trainings=len(problem.outputs)),
            )
            _finish(searcher, store)
            return _result(store, best)


_HINT = "choose another folder, or give the arguments that it was begun with"


def search_spec(
    problem: Problem,
    policy: str,
    budget: Budget,
    seed: int,
    guidelines: Guidelines | None,
    settings: SearchSettings,
) -> dict[str, Any]:
    """What a folder is known by: the same arguments go on, others are refused."""
    return {
        "problem": problem.source or problem.name,
        "fingerprint": problem.fingerprint,
        "policy": policy,
        "budget": asdict(budget),
        "seed": seed,
        "guidelines": (guidelines or bundled_guidelines()).digest if policy == "guided" else None,
        "settings": settings.spec(),
    }


def used_guidelines(policies: Sequence[str], guidelines: Guidelines | None) -> dict[str, str]:
    """Documents of the guidelines that policies go by, by their digest."""
    used = guidelines or bundled_guidelines()
    return {used.digest: used.to_json()} if "guided" in policies else {}


def _folder(out: str | Path | None) -> AbstractContextManager[str | Path]:
    return tempfile.TemporaryDirectory(prefix="graftwork-") if out is None else nullcontext(out)


def _conclude(searcher: Searcher, store: Store, seed: int, executor: Executor, limits: Limits | None) -> Best:
    archive = searcher.archive
    if not archive.members:
        reasons = sorted({candidate.outcome.reason for candidate in StoredRun(store).candidates()})
        raise RunError(f"no candidate could be evaluated: {'; '.join(reasons)}")
    best = _stored_best(store)
    if best is None:
        settings = searcher.settings
        chosen = finalists(archive, settings.finalists)
        best = finish(chosen, searcher.problem, settings, seed=seed, executor=executor, limits=limits)
        keep_interface(store, searcher.problem, best.model)
        keep_best(store, best)
    return best


def _finish(searcher: Searcher, store: Store) -> None:
    if not store.finished:
        archive = searcher.archive
        store.finish({"evaluations": archive.count, "hypervolume": archive.hypervolume})


def _result(store: Store, best: Best) -> SearchResult:
    stored = StoredRun(store)
    candidates = tuple(stored.candidates())
    if best.number >= len(candidates):
        raise InputError(f"{store.folder} is damaged: candidate {best.number}, the best, is missing")
    done, failed = stored_baselines(store)
    return SearchResult(
        front=tuple(stored.front()),
        candidates=candidates,
        history=history(store),
        best=best,
        baselines=done,
        spec=dict(store.spec),
        interface=kept_interface(store),
        failed_baselines=failed,
    )


def history(store: Store, *, arm: str = "") -> tuple[Milestone, ...]:
    """Where a run stood after each of its candidates."""
    return tuple(StoredRun(store, arm=arm).standings())


def _stored_best(store: Store) -> Best | None:
    entry = store.get(BEST)
    if entry is None or entry.weights is None:
        return None
    return best_of(entry, store.load_weights(entry.weights))


def load_search(folder: str | Path) -> SearchResult:
    """Read a finished run.

    Raises:
        InputError: There is none, it is damaged, or it was cut short.
    """
    with Store.read(Path(folder), kinds={KIND}) as store, from_others(f"the search in '{folder}'"):
        best = _stored_best(store)
        if best is None:
            raise InputError(
                f"the search in '{folder}' is not finished; go on with it by the command that began it"
            )
        return _result(store, best)

"""A whole search: from a problem to one model, in a folder that can be gone on with."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from graftwork.architecture import SearchSpace
from graftwork.documents import from_others
from graftwork.errors import InputError, RunError
from graftwork.guidelines import Guidelines, bundled_guidelines
from graftwork.problem import Problem, shared_problem
from graftwork.runtime import Budget, Executor, make_executor
from graftwork.search.archive import Archive, Candidate
from graftwork.search.best import Best, best_from_payload, best_to_payload, finalists, finish
from graftwork.search.policies import make_policy
from graftwork.search.run import Milestone, Progress, run_search
from graftwork.search.searcher import Searcher
from graftwork.search.settings import SearchSettings, space_from_spec
from graftwork.search.stored import StoredRun
from graftwork.store import Store

KIND = "search"


@dataclass(frozen=True)
class SearchResult:
    """What a search ends with.

    Attributes:
        front: Candidates that none other dominates.
        candidates: All of them, by number.
        history: Where the run stood after each.
        best: The one model, trained to the end and scored on the test split.
        spec: What was asked for, as JSON values.
    """

    front: tuple[Candidate, ...]
    candidates: tuple[Candidate, ...]
    history: tuple[Milestone, ...]
    best: Best
    spec: dict[str, Any]


def search(
    problem: Problem,
    *,
    policy: str = "guided",
    budget: Budget,
    seed: int = 0,
    workers: int = 1,
    out: str | Path | None = None,
    guidelines: Guidelines | None = None,
    settings: SearchSettings | None = None,
    progress: Progress | None = None,
) -> SearchResult:
    """Search for one compact model that answers all outputs of a problem.

    The same call goes on with a run that was interrupted, and answers at once where it is finished.

    Args:
        problem: What is to be answered.
        policy: `random`, `relevance` or `guided`.
        budget: In evaluations, training steps, or seconds of work over all workers.
        seed: Root of every random draw; the same seed gives the same result, whatever the number of workers.
        workers: Processes that work side by side.
        out: Folder of the run; a temporary one unless told, which is gone afterwards.
        guidelines: What `guided` is guided by; those that come with Graftwork unless told.
        settings: How the search is done.
        progress: Told after each candidate where the run stands.

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
    workforce, chosen = make_executor(workers), make_policy(policy, guidelines)
    with shared_problem(problem, workers=workforce.workers) as shared, workforce as executor:
        searcher = Searcher(shared, chosen, how, seed=seed)
        spec = search_spec(problem, policy, budget, seed, guidelines, how)
        with (
            _folder(out) as folder,
            Store.open(Path(folder), kind=KIND, spec=spec, hint=_HINT) as store,
        ):
            told = progress or (lambda milestone: None)
            history = run_search(searcher, budget, executor, StoredRun(store), told)
            return _conclude(searcher, store, history, seed, executor)


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
        "problem": problem.name,
        "fingerprint": problem.fingerprint,
        "policy": policy,
        "budget": asdict(budget),
        "seed": seed,
        "guidelines": (guidelines or bundled_guidelines()).digest if policy == "guided" else None,
        "settings": settings.spec(),
    }


def _folder(out: str | Path | None) -> AbstractContextManager[str | Path]:
    return tempfile.TemporaryDirectory(prefix="graftwork-") if out is None else nullcontext(out)


def _conclude(
    searcher: Searcher, store: Store, history: list[Milestone], seed: int, executor: Executor
) -> SearchResult:
    archive = searcher.archive
    if not archive.front:
        reasons = sorted({candidate.outcome.reason for candidate in archive})
        raise RunError(f"no candidate could be evaluated: {'; '.join(reasons)}")
    best = _stored_best(store)
    if best is None:
        settings = searcher.settings
        chosen = finalists(archive, settings.finalists)
        best = finish(chosen, searcher.problem, settings, seed=seed, executor=executor)
        store.add("best", best_to_payload(best), weights=best.model.state_dict())
    if not store.finished:
        store.finish({"evaluations": len(archive.candidates), "hypervolume": archive.hypervolume})
    return SearchResult(archive.front, tuple(archive.candidates), tuple(history), best, dict(store.spec))


def _stored_best(store: Store) -> Best | None:
    entry = store.get("best")
    if entry is None or entry.weights is None:
        return None
    return best_from_payload(entry.payload, store.load_weights(entry.weights))


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
        space = space_from_spec(store.spec["settings"]["space"])
        archive, history = replay(StoredRun(store).candidates(), space)
        return SearchResult(archive.front, tuple(archive.candidates), history, best, dict(store.spec))


def replay(candidates: Sequence[Candidate], space: SearchSpace) -> tuple[Archive, tuple[Milestone, ...]]:
    """The archive of stored candidates, and where the run stood after each."""
    archive, seconds = Archive(space), 0.0
    history: list[Milestone] = []
    for candidate in candidates:
        archive.add(candidate)
        seconds += candidate.outcome.seconds
        history.append(Milestone(len(archive.candidates), archive.steps, seconds, archive.hypervolume))
    return archive, tuple(history)

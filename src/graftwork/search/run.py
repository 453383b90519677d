"""The loop that feeds workers: a window of candidates in flight, told in the order of their numbers."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from graftwork.runtime import Budget, Executor, Limits, limited
from graftwork.search.searcher import Proposal, Searcher
from graftwork.search.stored import StoredRun
from graftwork.trial import Result, result_of, run_trial

_LOGGER = logging.getLogger(__name__)
Progress = Callable[["Milestone"], None]


@dataclass(frozen=True)
class Milestone:
    """Where a run stood after a candidate.

    Attributes:
        evaluations: Candidates evaluated.
        steps: Training steps spent on them.
        seconds: Seconds of work spent on them, over all workers.
        hypervolume: Of the front.
    """

    evaluations: int
    steps: int
    seconds: float
    hypervolume: float


def run_search(
    searcher: Searcher,
    budget: Budget,
    executor: Executor,
    stored: StoredRun,
    progress: Progress,
    limits: Limits | None = None,
) -> list[Milestone]:
    """Search until the budget is spent; what the store holds already is taken from there.

    Candidate n is proposed as soon as candidate n - `in_flight` is told, whatever the others are at: there
    are no generations that wait for each other. Since they are told in the order of their numbers, what is
    proposed does not depend on which is done first.
    """
    evaluate = limited(run_trial, limits)
    history: list[Milestone] = []
    pending: deque[tuple[Proposal, Future[Result]]] = deque()
    seconds = 0.0
    while True:
        while len(pending) < searcher.settings.in_flight and not budget.spent(
            evaluations=searcher.asked, steps=searcher.archive.steps, seconds=seconds
        ):
            proposal = searcher.ask()
            pending.append((proposal, stored.result(proposal) or executor.submit(evaluate, proposal.trial)))
        if not pending:
            return history
        proposal, future = pending.popleft()
        candidate = searcher.tell(proposal, result_of(future))
        stored.keep(candidate, in_front=candidate.number in {c.number for c in searcher.archive.front})
        seconds += candidate.outcome.seconds
        history.append(_milestone(searcher, seconds))
        progress(history[-1])


def tell_idle_workers(executor: Executor, in_flight: int) -> None:
    """Say so where there are more workers than candidates to work on."""
    if executor.workers > in_flight:
        _LOGGER.warning(
            "%d workers, but %d candidates in flight at most: the others stay idle; raise in_flight, "
            "on which depends what a seed gives",
            executor.workers,
            in_flight,
        )


def _milestone(searcher: Searcher, seconds: float) -> Milestone:
    archive = searcher.archive
    return Milestone(len(archive.candidates), archive.steps, seconds, archive.hypervolume)

"""The loop that feeds workers: a window of candidates in flight, told in the order of their numbers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from graftwork.runtime import Budget, Executor
from graftwork.search.searcher import Proposal, Searcher
from graftwork.search.stored import StoredRun
from graftwork.trial import Result, result_of, run_trial

# Fixed, so that what is proposed does not depend on the number of workers: candidate n is proposed when
# candidate n - IN_FLIGHT was told.
IN_FLIGHT = 4
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
    searcher: Searcher, budget: Budget, executor: Executor, stored: StoredRun, progress: Progress
) -> list[Milestone]:
    """Search until the budget is spent; what the store holds already is taken from there."""
    history: list[Milestone] = []
    pending: deque[tuple[Proposal, Future[Result]]] = deque()
    seconds = 0.0
    while True:
        while len(pending) < IN_FLIGHT and not budget.spent(
            evaluations=searcher.asked, steps=searcher.archive.steps, seconds=seconds
        ):
            proposal = searcher.ask()
            pending.append((proposal, stored.result(proposal) or executor.submit(run_trial, proposal.trial)))
        if not pending:
            return history
        proposal, future = pending.popleft()
        candidate = searcher.tell(proposal, result_of(future))
        stored.keep(candidate, in_front=candidate.number in {c.number for c in searcher.archive.front})
        seconds += candidate.outcome.seconds
        history.append(_milestone(searcher, seconds))
        progress(history[-1])


def _milestone(searcher: Searcher, seconds: float) -> Milestone:
    archive = searcher.archive
    return Milestone(len(archive.candidates), archive.steps, seconds, archive.hypervolume)

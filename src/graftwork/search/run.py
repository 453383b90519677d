"""The loop that feeds workers: a window of candidates in flight, told in the order of their numbers."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future

from graftwork.runtime import Budget, Executor, Limits, limited
from graftwork.search.searcher import Proposal, Searcher
from graftwork.search.stored import StoredRun
from graftwork.store import Milestone
from graftwork.trial import Result, result_of, run_trial

_LOGGER = logging.getLogger(__name__)
Progress = Callable[[Milestone], None]


def run_search(
    searcher: Searcher,
    budget: Budget,
    executor: Executor,
    stored: StoredRun,
    progress: Progress,
    limits: Limits | None = None,
) -> None:
    """Search until the budget is spent; what the store holds already is gone on from.

    Candidate n is proposed as soon as candidate n - `in_flight` is told, whatever the others are at: there
    are no generations that wait for each other. Since they are told in the order of their numbers, what is
    proposed does not depend on which is done first.

    On what is kept `progress` is told once, on every candidate after it as it comes.
    """
    evaluate, window = limited(run_trial, limits), searcher.settings.in_flight
    standpoint = stored.standpoint(window)
    if standpoint.asked:
        searcher.restore(standpoint)
    standing = stored.standing(standpoint.told)
    kept = stored.newest(first=standpoint.told), stored.standings(first=standpoint.told)
    waiting = deque(zip(*kept, strict=True))
    pending: deque[tuple[Proposal, Future[Result]]] = deque()
    while True:
        while len(waiting) + len(pending) < window and not _spent(budget, searcher, standing):
            proposal = searcher.ask()
            pending.append((proposal, executor.submit(evaluate, proposal.trial)))
        if waiting:
            candidate, standing = waiting.popleft()
            searcher.archive.add(candidate)
            if not waiting:
                progress(standing)
        elif pending:
            standing = _take(searcher, *pending.popleft(), standing, stored)
            progress(standing)
        else:
            return


def tell_idle_workers(executor: Executor, in_flight: int) -> None:
    """Say so where there are more workers than candidates to work on."""
    if executor.workers > in_flight:
        _LOGGER.warning(
            "%d workers, but %d candidates in flight at most: the others stay idle; raise in_flight, "
            "on which depends what a seed gives",
            executor.workers,
            in_flight,
        )


def _spent(budget: Budget, searcher: Searcher, standing: Milestone) -> bool:
    return budget.spent(evaluations=searcher.asked, steps=standing.steps, seconds=standing.seconds)


def _take(
    searcher: Searcher, proposal: Proposal, future: Future[Result], before: Milestone, stored: StoredRun
) -> Milestone:
    """Tell the searcher, and write down what came and where the run stands."""
    archive = searcher.archive
    front = {member.number for member in archive.members}
    candidate = searcher.tell(proposal, result_of(future, proposal.trial))
    after = {member.number for member in archive.members}
    standing = Milestone(
        evaluations=archive.count,
        steps=archive.steps,
        seconds=before.seconds + candidate.outcome.seconds,
        hypervolume=archive.hypervolume,
    )
    stored.keep(
        candidate,
        proposal,
        objectives=archive.point(candidate) if candidate.done else None,
        joined=candidate.number in after,
        displaces=sorted(front - after),
        standing=standing,
    )
    return standing

"""Workers that die, hang or run out of memory in the middle of a search, and what that costs it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from threading import Timer
from typing import Any, Literal, cast

from graftwork.architecture import canonical_hash
from graftwork.errors import InputError, WorkLostError
from graftwork.problem import load_problem
from graftwork.runtime import Budget, Executor, InlineExecutor, Limits, ProcessExecutor, generator, limited
from graftwork.search import SearchResult, SearchSettings, search
from graftwork.trial import Result, Trial, run_trial

Fault = Literal["killed", "hung", "out of memory"]
FAULTS: tuple[Fault, ...] = ("killed", "hung", "out of memory")
LIMITS = Limits(seconds=5, memory=1_000_000_000)
EVALUATIONS = 12
_SETTINGS = SearchSettings(initial=4, initial_steps=40, steps=20, finish_steps=60)
_BLOCK = 50_000_000
_SOON = 0.5
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Struck:
    """A run of which a fault struck one candidate.

    Attributes:
        fault: What struck.
        candidate: Whom.
        reason: What was recorded of it.
        lost: Other candidates that failed.
        equal: Whether all but the clock is as in one process where this candidate came to nothing.
        seconds: How long the candidate was worked on.
    """

    fault: Fault
    candidate: int
    reason: str
    lost: int
    equal: bool
    seconds: float

    @property
    def broken(self) -> bool:
        """Whether it cost more than the candidate, or is not told of."""
        return bool(self.lost) or not self.equal or _SAID[self.fault] not in self.reason


_SAID = {
    "killed": "its worker died (signal 9)",
    "hung": f"exceeded its limit of {LIMITS.seconds} s",
    "out of memory": "exceeded its limit of 1 GB of memory",
}


def check_workers(count: int, seed: int, progress: Progress | None = None) -> list[Struck]:
    """Strike so many runs of two workers with each fault, at a candidate and an instant drawn by chance.

    Raises:
        InputError: A number makes no sense.
    """
    if count < 1:
        raise InputError(f"faults must be at least 1, but it is {count}")
    struck = []
    for fault in FAULTS:
        for number in range(count):
            rng = generator(seed, number, fault)
            struck.append(_strike(fault, int(rng.integers(EVALUATIONS)), float(rng.uniform(0, _SOON))))
            if progress:
                progress(len(struck), count * len(FAULTS))
    return struck


def workers_payload(struck: list[Struck]) -> dict[str, Any]:
    """Figures by fault, as JSON values."""
    return {fault: _figures([each for each in struck if each.fault == fault]) for fault in FAULTS}


def _figures(struck: list[Struck]) -> dict[str, Any]:
    return {
        "runs": len(struck),
        "lost": sum(each.lost for each in struck),
        "archive_equal": all(each.equal for each in struck),
        "broken": sum(each.broken for each in struck),
        "longest": round(max(each.seconds for each in struck), 2),
        "reasons": sorted({each.reason for each in struck}),
    }


def _strike(fault: Fault, candidate: int, instant: float) -> Struck:
    with ProcessExecutor(2) as processes:
        found = _search(_Struck(processes, candidate, partial(_ERRANDS[fault], instant)))
    failed = {each.number: each.outcome for each in found.candidates if each.outcome.status == "failed"}
    victim = failed.pop(candidate, None)
    reason = victim.reason if victim else "it did not fail"
    reference = _search(_Struck(InlineExecutor(), candidate, reason))
    return Struck(
        fault=fault,
        candidate=candidate,
        reason=reason,
        lost=len(failed),
        equal=_essence(found) == _essence(reference),
        seconds=victim.seconds if victim else 0.0,
    )


def _search(executor: _Struck) -> SearchResult:
    return search(
        load_problem("digits"),
        budget=Budget(evaluations=EVALUATIONS),
        executor=cast("Executor", executor),
        settings=_SETTINGS,
    )


def _essence(result: SearchResult) -> list[object]:
    candidates = [
        (
            each.number,
            each.parent,
            each.outcome.architecture and canonical_hash(each.outcome.architecture),
            replace(each.outcome, seconds=0.0, training_seconds=0.0),
        )
        for each in result.candidates
    ]
    weights = {name: value.tolist() for name, value in result.best.model.state_dict().items()}
    return [candidates, [each.number for each in result.front], result.best.scores, weights]


class _Struck:
    """An executor that has another errand for one candidate, or for whom it comes to nothing for a reason."""

    def __init__(self, inner: Executor, candidate: int, errand: Callable[[Trial], Result] | str) -> None:
        self.inner, self.candidate, self.errand = inner, candidate, errand
        self.reach, self.workers, self.put = inner.reach, inner.workers, inner.put

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        trial = args[0]
        if not isinstance(trial, Trial) or trial.candidate != str(self.candidate):
            return self.inner.submit(function, *args, **kwargs)
        if not isinstance(self.errand, str):
            return self.inner.submit(limited(self.errand, LIMITS), trial)
        nothing: Future[Any] = Future()
        nothing.set_exception(WorkLostError(self.errand))
        return nothing


def _killed(instant: float, trial: Trial) -> Result:
    Timer(instant, os.kill, (os.getpid(), signal.SIGKILL)).start()
    run_trial(trial)
    return _hung(0.0, trial)


def _hung(instant: float, trial: Trial) -> Result:
    time.sleep(3600)
    return run_trial(trial)


def _out_of_memory(instant: float, trial: Trial) -> Result:
    held = []
    while True:
        held.append(bytearray(_BLOCK))


_ERRANDS: dict[str, Callable[[float, Trial], Result]] = {
    "killed": _killed,
    "hung": _hung,
    "out of memory": _out_of_memory,
}

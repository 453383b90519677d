"""Candidates that hang, take too much memory or lose their worker cost themselves and no more."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.search.runs import EVALUATIONS, essence, run
from tests.search.samples import QUICK

from graftwork.errors import RunError, WorkNotBegunError
from graftwork.runtime import InlineExecutor, Limited, Limits, ProcessExecutor
from graftwork.search import Candidate, SearchResult
from graftwork.store import Store
from graftwork.trial import Trial, run_trial

LIMITS = Limits(seconds=20, memory=500_000_000)


def misbehave(how: str) -> None:
    """What a bad candidate does instead of its trial."""
    if how == "hang":
        time.sleep(3600)
    elif how == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    elif how == "import":
        raise ImportError("libx.so.5: failed to map segment from shared object")
    else:
        raise AssertionError(f"{len(bytearray(2 * 10**9))} bytes could be had")


class Bad:
    """Processes, where one candidate of a search is bad."""

    reach = "machine"

    def __init__(self, how: str, number: int) -> None:
        self.inner, self.how, self.number, self.workers = ProcessExecutor(2), how, number, 2

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        trial = args[0]
        if isinstance(trial, Trial) and trial.candidate == str(self.number):
            return self.inner.submit(Limited(misbehave, Limits(seconds=2, memory=10**9)), self.how)
        return self.inner.submit(function, *args, **kwargs)


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("hang", "exceeded its limit of 2 s"),
        ("die", "its worker died (signal 9)"),
        ("allocate", "exceeded its limit of 1 GB of memory: MemoryError"),
    ],
)
def test_a_bad_candidate_is_recorded_with_its_reason_and_costs_itself(
    how: str, reason: str, tmp_path: Path
) -> None:
    bad: Any = Bad(how, 1)
    with bad.inner:
        result = run(tmp_path, executor=bad, limits=LIMITS)
    outcomes = {each.number: each.outcome for each in result.candidates}
    assert len(outcomes) == EVALUATIONS
    assert (outcomes[1].status, outcomes[1].reason) == ("failed", reason)
    assert [number for number, each in outcomes.items() if each.status == "failed"] == [1]
    if how == "hang":
        assert outcomes[1].seconds >= 2


def test_limits_that_nothing_exceeds_change_nothing(whole: tuple[Path, SearchResult], tmp_path: Path) -> None:
    assert essence(run(tmp_path / "one", limits=LIMITS)) == essence(whole[1])


def test_a_run_is_gone_on_with_under_other_limits(whole: tuple[Path, SearchResult]) -> None:
    assert essence(run(whole[0], limits=LIMITS)) == essence(whole[1])


def test_where_no_finalist_can_be_trained_the_same_call_goes_on(
    whole: tuple[Path, SearchResult], tmp_path: Path
) -> None:
    class Finishless(Bad):
        def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            if isinstance(args[0], Trial):
                return self.inner.submit(function, *args, **kwargs)
            return self.inner.submit(misbehave, "die")

    bad: Any = Finishless("die", 1)
    with bad.inner, pytest.raises(RunError, match=r"no finalist .* its worker died \(signal 9\)"):
        run(tmp_path, executor=bad)
    assert essence(run(tmp_path)) == essence(whole[1])


def test_a_run_whose_workers_cannot_begin_ends_and_goes_on_later_as_if_nothing_had_been(
    whole: tuple[Path, SearchResult], tmp_path: Path
) -> None:
    """No candidate is charged with it, nor a finalist: all left over would fail at once."""

    class Workless(Bad):
        def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            trial, gone = args[0], Future[Any]()
            if isinstance(trial, Trial) and int(trial.candidate) < self.number:
                return self.inner.submit(function, *args, **kwargs)
            gone.set_exception(WorkNotBegunError("no worker could be started"))
            return gone

    for number in (5, EVALUATIONS):
        bad: Any = Workless("die", number)
        with bad.inner, pytest.raises(WorkNotBegunError, match=r"could be started.*the same command goes on"):
            run(tmp_path, executor=bad)
        with Store.read(tmp_path) as store:
            assert store.statuses("") == {"done": number}
    assert essence(run(tmp_path)) == essence(whole[1])


def test_a_best_model_that_cannot_be_judged_ends_the_run_with_the_reason(
    whole: tuple[Path, SearchResult], tmp_path: Path
) -> None:
    class Judgeless(Bad):
        def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            if isinstance(args[0], (Trial, Candidate)):
                return self.inner.submit(function, *args, **kwargs)
            return self.inner.submit(Limited(misbehave, Limits(memory=10**9)), "import")

    bad: Any = Judgeless("import", 0)
    with bad.inner, pytest.raises(RunError, match=r"be judged: exceeded its limit of 1 GB of memory: libx"):
        run(tmp_path, executor=bad)
    assert essence(run(tmp_path)) == essence(whole[1])


def test_a_finalist_that_fails_is_passed_over(tmp_path: Path) -> None:
    class OneFails(Bad):
        failed = 0

        def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            if not isinstance(args[0], Trial) and not self.failed:
                self.failed, lost = 1, Future[Any]()
                lost.set_exception(self.error)
                return lost
            return self.inner.submit(function, *args, **kwargs)

    for name, error in (("run", RunError("not finite")), ("torch", RuntimeError("shapes"))):
        bad: Any = OneFails("die", 1)
        bad.error = error
        with bad.inner:
            assert run(tmp_path / name, executor=bad).best.steps
        assert bad.failed


class Blocking:
    """Works on candidates in threads of this process; one of them waits until others are there."""

    reach, workers = "process", 4

    def __init__(self, slow: int, until: int) -> None:
        self.slow, self.until = slow, until
        self.inner, self.asked = InlineExecutor(), threading.Event()
        self.slow_ended_after: list[int] = []
        self.ended: list[int] = []
        self.submitted: list[tuple[int, bool]] = []

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        trial = args[0]
        if not isinstance(trial, Trial):
            return self.inner.submit(function, *args, **kwargs)
        number = int(trial.candidate)
        self.submitted.append((number, self.slow in self.ended))
        if number == self.slow:
            future: Future[Any] = Future()
            threading.Thread(target=self._later, args=(future, trial), daemon=True).start()
            return future
        future = self.inner.submit(function, *args, **kwargs)
        self.ended.append(number)
        if number == self.until:
            self.asked.set()
        return future

    def _later(self, future: Future[Any], trial: Trial) -> None:
        if self.asked.wait(60):
            result = run_trial(trial)
            self.ended.append(self.slow)
            future.set_result(result)
        else:
            future.set_exception(RuntimeError("nothing was proposed beside it"))


def test_children_are_proposed_while_an_older_candidate_is_slow(
    whole: tuple[Path, SearchResult], tmp_path: Path
) -> None:
    """Candidates 4 and 5, which descend from others, are begun and done before candidate 2 is."""
    executor: Any = Blocking(slow=2, until=5)
    result = run(tmp_path, executor=executor)
    beside = [number for number, slow_had_ended in executor.submitted if number > 2 and not slow_had_ended]
    assert beside[:3] == [3, 4, 5]
    assert executor.ended.index(2) > executor.ended.index(5)
    assert all(result.candidates[number].parent is not None for number in (4, 5))
    assert essence(result) == essence(whole[1])


def test_the_window_decides_what_a_seed_gives_and_the_workers_do_not(tmp_path: Path) -> None:
    wide = replace(QUICK, in_flight=8)
    one, two, narrow = (
        essence(run(tmp_path / name, workers=workers, settings=settings))
        for name, workers, settings in (("one", 1, wide), ("two", 2, wide), ("narrow", 1, QUICK))
    )
    assert one == two
    assert one["parents"] != narrow["parents"]


def test_workers_that_stay_idle_are_told_of_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    run(tmp_path / "few", executor="processes", workers=2)
    assert "idle" not in caplog.text
    run(tmp_path / "many", executor="processes", workers=3, settings=replace(QUICK, in_flight=2))
    assert caplog.text.count("3 workers, but 2 candidates in flight at most") == 1


def test_limits_reach_every_candidate(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"no candidate could be evaluated: .*exceeded its limit of 0\.001 s"):
        run(tmp_path, limits=Limits(seconds=0.001))

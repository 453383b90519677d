"""Hold executors to what every executor promises."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, TimeoutError
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

from graftwork.errors import InputError, WorkLostError
from graftwork.problem import shared_problem
from graftwork.runtime import Executor, Limits, limited, one_thread
from graftwork.testing import _errands as errands
from graftwork.testing.contract import ContractBroken

Maker = Callable[[int], Executor]
_FOREVER = 3600.0
_MEMORY = 400_000_000


@dataclass(frozen=True)
class ExecutorReport:
    """How an executor that keeps the contract was checked.

    Attributes:
        held: Properties that it was held to.
        skipped: Properties of workers that can be ended, where it works in this process.
    """

    held: tuple[str, ...]
    skipped: tuple[str, ...]


def check_executor(
    make: Maker, *, properties: Sequence[str] | None = None, patience: float = 120.0
) -> ExecutorReport:
    """Hold an executor to the contract.

    Args:
        make: Makes one of so many workers, as its class does. One that works in this process is asked for one
            worker alone, and is held to what can be asked of it.
        properties: Names of those that it is held to; all unless told. A report has them.
        patience: Seconds after which something that should have come is taken not to come.

    Raises:
        ContractBroken: With every property that is broken, and how.
        InputError: There is no property of a name.

    Example:
        >>> from graftwork.runtime import InlineExecutor
        >>> "one thread" in check_executor(lambda workers: InlineExecutor()).held
        True
    """
    apart = make(1).reach != "process"
    chosen = _chosen(properties)
    asked = [each for each in chosen if apart or not each.apart]
    skipped = tuple(each.name for each in chosen if each not in asked)
    with closing(_Subject(make, 2 if apart else 1, patience)) as subject:
        found = [(each.name, _fault(each, subject)) for each in asked]
    broken = [f"  '{name}': {fault}" for name, fault in found if fault]
    if broken:
        raise ContractBroken("\n".join(["the executor breaks", *broken]))
    return ExecutorReport(tuple(each.name for each in asked), skipped)


class _Property(NamedTuple):
    name: str
    check: Callable[[_Subject], None]
    apart: bool


def _chosen(names: Sequence[str] | None) -> list[_Property]:
    known = {each.name: each for each in _PROPERTIES}
    for name in names or ():
        if name not in known:
            raise InputError(f"there is no property '{name}' of executors; they are {', '.join(known)}")
    return [known[name] for name in (known if names is None else names)]


class _Broken(Exception):
    """What is wrong, in words."""


class _Subject:
    """The executor under test: made when it is asked for, and anew where a property was broken."""

    def __init__(self, make: Maker, workers: int, patience: float) -> None:
        self.make, self.workers, self.patience = make, workers, patience
        self._shared = ExitStack()
        self._executor: Executor | None = None

    @contextmanager
    def executor(self) -> Iterator[Executor]:
        """One that is used again, so that few workers need to start."""
        if self._executor is None:
            self._executor = self._shared.enter_context(self.make(self.workers))
        try:
            yield self._executor
        except BaseException as error:
            self._shared.__exit__(type(error), error, None)
            self._executor = None
            raise

    @contextmanager
    def own(self) -> Iterator[Executor]:
        """One that is left by an exception, whatever it is still doing; there may be room for one alone."""
        self.close()
        with suppress(_LeaveError), self.make(self.workers) as executor:
            yield executor
            raise _LeaveError

    def close(self) -> None:
        """End the one that is used again."""
        self._shared.close()
        self._executor = None

    def result(self, future: Future[Any], what: str = "work") -> Any:
        """What comes, in time."""
        try:
            return future.result(timeout=self.patience)
        except TimeoutError as error:
            raise _Broken(f"{what} did not end within {self.patience:g} s") from error

    def error(self, future: Future[Any], what: str) -> BaseException:
        """The exception that comes."""
        try:
            error = future.exception(timeout=self.patience)
        except TimeoutError as late:
            raise _Broken(f"{what} did not end within {self.patience:g} s") from late
        if error is None:
            raise _Broken(f"{what} gave {future.result()!r} and no exception")
        return error


class _LeaveError(Exception):
    pass


def _fault(each: _Property, subject: _Subject) -> str:
    try:
        each.check(subject)
    except _Broken as broken:
        return str(broken)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def _expect(found: object, expected: object, what: str) -> None:
    if found != expected:
        raise _Broken(f"{what}: expected {expected!r}, came {found!r}"[:300])


def _expect_lost(error: BaseException, what: str) -> WorkLostError:
    if not isinstance(error, WorkLostError):
        raise _Broken(f"{what}: expected a WorkLostError, came {type(error).__name__}: {error}")
    return error


def _results(subject: _Subject) -> None:
    with subject.executor() as executor:
        if executor.workers != subject.workers:
            raise _Broken(f"workers is {executor.workers}, but {subject.workers} were asked for")
        futures = [executor.submit(pow, 2, exponent) for exponent in range(20)]
        found = [subject.result(future) for future in futures]
        _expect(found, [2**exponent for exponent in range(20)], "results, each in its own future")
        _expect(subject.result(executor.submit(int, "11", base=2)), 3, "a keyword argument")


def _exceptions(subject: _Subject) -> None:
    with subject.executor() as executor:
        error = subject.error(executor.submit(errands.fail, "here"), "a function that raises")
        _expect((type(error), error.args), (LookupError, ("here",)), "the exception of a function")
        stubborn = subject.error(executor.submit(errands.fail_stubbornly), "a function that raises")
        if "stubborn 7" not in str(stubborn):
            raise _Broken(f"an exception that cannot be pickled came as {stubborn!r}")
        _expect(subject.result(executor.submit(pow, 3, 2)), 9, "work after exceptions")


def _unsendable(subject: _Subject) -> None:
    with subject.executor() as executor:
        subject.error(executor.submit(errands.untransportable), "a result that cannot be pickled")
        locked = (number for number in range(3))
        subject.error(executor.submit(list, locked), "an argument that cannot be pickled")
        _expect(subject.result(executor.submit(pow, 3, 2)), 9, "work after that")


def _exits(subject: _Subject) -> None:
    with subject.executor() as executor:
        error = subject.error(executor.submit(errands.exit_process), "a function that asks for the exit")
        if not isinstance(error, Exception):
            raise _Broken(f"{error!r} would end the driver")


def _put(subject: _Subject) -> None:
    with subject.executor() as executor:
        kept = executor.put({"rows": [1, 2, 3]})
        for _ in range(3):
            found = subject.result(executor.submit(errands.called, kept))
            _expect(found, {"rows": [1, 2, 3]}, "a value that was put")


def _one_thread(subject: _Subject) -> None:
    with subject.executor() as executor:
        subject.result(executor.submit(errands.use_threads, 2))
        for _ in range(subject.workers + 1):
            _expect(
                subject.result(executor.submit(errands.threads)),
                (1, 0.0),
                "threads, and a denormal number times one",
            )


def _same_bits(subject: _Subject) -> None:
    one_thread()
    problem = errands.small_problem()
    with subject.executor() as executor, shared_problem(problem, executor) as shared:
        far = [executor.submit(errands.summed, seed) for seed in range(3)]
        trial = executor.submit(errands.essence, errands.trial_of(shared))
        for seed, future in enumerate(far):
            if subject.result(future) != errands.summed(seed):
                raise _Broken("a training has other bits than in this process")
        if subject.result(trial) != errands.essence(errands.trial_of(problem)):
            raise _Broken("a trial has another outcome than in this process")


def _waits(subject: _Subject) -> None:
    subject.close()
    executor = subject.make(subject.workers)
    futures = [executor.submit(errands.sleep, 0.3) for _ in range(subject.workers + 1)]
    executor.shutdown()
    _expect([f.done() and f.result() for f in futures], ["awake"] * len(futures), "work at the shutdown")


def _refuses_limits(subject: _Subject) -> None:
    with subject.executor() as executor:
        if executor.reach != "process":
            return
        try:
            executor.submit(limited(errands.sleep, Limits(seconds=1)), 0.0)
        except InputError:
            return
    raise _Broken("limits were taken by an executor that works in this process")


def _death(subject: _Subject) -> None:
    with subject.executor() as executor:
        before = [executor.submit(errands.sleep, 0.5) for _ in range(subject.workers)]
        dead = executor.submit(errands.die)
        after = [executor.submit(errands.sleep, 0.1) for _ in range(2 * subject.workers)]
        error = _expect_lost(subject.error(dead, "work whose worker died"), "work whose worker died")
        if "died" not in str(error):
            raise _Broken(f"the reason says nothing of a death: {error}")
        others = [subject.result(future) for future in (*before, *after)]
        _expect(others, ["awake"] * len(others), "other work while a worker died")


def _hang(subject: _Subject) -> None:
    with subject.executor() as executor:
        hanging = executor.submit(limited(errands.sleep, Limits(seconds=1)), _FOREVER)
        others = [executor.submit(errands.sleep, 0.1) for _ in range(2 * subject.workers)]
        error = _expect_lost(subject.error(hanging, "work that hangs"), "work that hangs")
        if "1 s" not in str(error) or error.seconds < 0.9:
            raise _Broken(f"the reason names no limit, or no time: {error} ({error.seconds} s)")
        _expect([subject.result(f) for f in others], ["awake"] * len(others), "other work while one hangs")


def _queue(subject: _Subject) -> None:
    with subject.executor() as executor:
        short = limited(errands.sleep, Limits(seconds=1))
        queued = [executor.submit(short, 0.3) for _ in range(5 * subject.workers)]
        found = [subject.result(future) for future in queued]
        _expect(found, ["awake"] * len(found), "short work that waited long for a worker")


def _memory(subject: _Subject) -> None:
    with subject.executor() as executor:
        for function in (errands.allocate, errands.allocate_tensor):
            within = limited(function, Limits(memory=_MEMORY))
            greedy, modest = (executor.submit(within, count) for count in (2 * _MEMORY, _MEMORY // 4))
            error = _expect_lost(subject.error(greedy, "work that takes too much memory"), "too much memory")
            if "memory" not in str(error):
                raise _Broken(f"the reason says nothing of memory: {error}")
            _expect(subject.result(modest), _MEMORY // 4, "work within its limit of memory")
            free = [executor.submit(function, 2 * _MEMORY) for _ in range(2 * subject.workers)]
            found = [subject.result(future) for future in free]
            _expect(found, [2 * _MEMORY] * len(free), "work without limits, after some with")


def _side_by_side(subject: _Subject) -> None:
    with subject.own() as executor:
        slow = executor.submit(errands.sleep, _FOREVER)
        quick = [executor.submit(pow, 2, exponent) for exponent in range(6)]
        for future in quick:
            subject.result(future, "work beside work that is slow")
        if slow.done():
            raise _Broken(f"slow work ended: {slow.exception()!r}")


def _leaves(subject: _Subject) -> None:
    begun = 0.0
    with subject.own() as executor:
        subject.result(executor.submit(pow, 2, 2))
        for _ in range(subject.workers):
            executor.submit(errands.sleep, 2 * subject.patience)
        begun = time.monotonic()
    if time.monotonic() - begun > subject.patience:
        raise _Broken("left by an exception, it waited for what was under way")


_PROPERTIES = (
    _Property("results", _results, apart=False),
    _Property("exceptions", _exceptions, apart=False),
    _Property("values that are put", _put, apart=False),
    _Property("one thread", _one_thread, apart=False),
    _Property("same bits", _same_bits, apart=False),
    _Property("shutdown waits", _waits, apart=False),
    _Property("limits are held or refused", _refuses_limits, apart=False),
    _Property("what cannot be sent", _unsendable, apart=True),
    _Property("exits", _exits, apart=True),
    _Property("a death costs one", _death, apart=True),
    _Property("a hang ends at its limit", _hang, apart=True),
    _Property("waiting does not count", _queue, apart=True),
    _Property("memory is limited", _memory, apart=True),
    _Property("side by side", _side_by_side, apart=True),
    _Property("an exception does not wait", _leaves, apart=True),
)

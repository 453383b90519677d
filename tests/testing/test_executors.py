"""The contract of executors: ours keep it, and each property finds an executor that breaks it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from threading import Timer
from typing import Any

import pytest
import torch

from graftwork.errors import InputError, WorkLostError
from graftwork.runtime import Executor, InlineExecutor, Limits, ProcessExecutor, limited, limits_of
from graftwork.testing import ContractBroken, check_executor


class Planted:
    """An executor that hands all it is asked to another one; those below it break one promise each."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.reach, self.workers = inner.reach, inner.workers

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = self.inner.submit(function, *args, **kwargs)
        return future

    def put(self, value: Any) -> Callable[[], Any]:
        kept: Callable[[], Any] = self.inner.put(value)
        return kept

    def shutdown(self) -> None:
        self.inner.shutdown()

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *raised: Any) -> None:
        self.inner.__exit__(*raised)


class FirstOfAll(Planted):
    first: Future[Any] | None = None

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.first = self.first or super().submit(function, *args, **kwargs)
        return self.first


class Silent(Planted):
    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future = super().submit(function, *args, **kwargs)
        if future.exception() is None:
            return future
        silent: Future[Any] = Future()
        silent.set_result(None)
        return silent


class Forgetful(Planted):
    def put(self, value: Any) -> Callable[[], Any]:
        return partial(int, 0)


class Threads(Planted):
    """Threads that say they are more than that; with what a thread leaves behind."""

    def __init__(self, *, reach: str, workers: int, waits: bool = True) -> None:
        self.pool, self.reach, self.workers, self.waits = ThreadPoolExecutor(workers), reach, workers, waits
        self.inner = self

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        return self.pool.submit(function, *args, **kwargs)

    def shutdown(self) -> None:
        self.pool.shutdown(wait=self.waits)

    def __exit__(self, *raised: Any) -> None:
        self.pool.shutdown()


class Rounding(Planted):
    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        torch.set_default_dtype(torch.float64)
        try:
            return super().submit(function, *args, **kwargs)
        finally:
            torch.set_default_dtype(torch.float32)


class Boundless(Planted):
    """Holds nothing to its limits, or not to that of memory."""

    def __init__(self, inner: Any, *, but_time: bool = False) -> None:
        super().__init__(inner)
        self.but_time = but_time

    def submit(self, function: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        limits = limits_of(function)
        if limits is None:
            return super().submit(function, *args, **kwargs)
        seconds = limits.seconds if self.but_time else None
        held = limited(function.function, Limits(seconds=seconds) if seconds else None)
        return super().submit(held, *args, **kwargs)


def allocate_for_good(limits: Limits, function: Callable[..., Any], *args: Any) -> Any:
    import resource

    from graftwork.runtime.memory import memory_limit

    with memory_limit(limits.memory):
        bound = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, bound)
    try:
        return function(*args)
    except (MemoryError, RuntimeError) as error:
        raise WorkLostError("memory") from error


class LastingLimit(Planted):
    def submit(self, function: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        limits = limits_of(function)
        if limits is None:
            return super().submit(function, *args, **kwargs)
        return super().submit(allocate_for_good, limits, function.function, *args)


class Impatient(Planted):
    """Its clock begins when work is queued."""

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        limits = limits_of(function)
        future = super().submit(function, *args, **kwargs)
        if limits is None or limits.seconds is None:
            return future
        timed: Future[Any] = Future()
        late = WorkLostError(f"exceeded its limit of {limits.seconds} s")
        timer = Timer(limits.seconds, lambda: _settle(timed.set_exception, late))
        future.add_done_callback(partial(_tell, timed))
        timer.start()
        return timed


def _settle(setter: Callable[[Any], None], value: Any) -> None:
    with suppress(InvalidStateError):
        setter(value)


def _tell(told: Future[Any], done: Future[Any]) -> None:
    if done.cancelled() or done.exception() is not None:
        _settle(told.set_exception, WorkLostError("its worker died"))
    else:
        _settle(told.set_result, done.result())


class OnePool(Planted):
    """Loky's pool, in which the death of one process is that of all."""

    reach, workers = "machine", 2

    def __init__(self) -> None:
        from loky import ProcessPoolExecutor

        self.inner = ProcessPoolExecutor(2)

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        told: Future[Any] = Future()
        self.inner.submit(function, *args, **kwargs).add_done_callback(partial(_tell, told))
        return told

    def __exit__(self, *raised: Any) -> None:
        self.inner.shutdown(kill_workers=True)


class Alone(Planted):
    def __init__(self) -> None:
        super().__init__(ProcessExecutor(1))
        self.workers = 2


class Waiting(Planted):
    def __exit__(self, *raised: Any) -> None:
        self.inner.shutdown()


def inline(workers: int) -> Executor:
    return InlineExecutor()


BROKEN: dict[str, tuple[str, Callable[[int], Any]]] = {
    "one result for all": ("results", lambda workers: FirstOfAll(InlineExecutor())),
    "exceptions vanish": ("exceptions", lambda workers: Silent(InlineExecutor())),
    "values vanish": ("values that are put", lambda workers: Forgetful(InlineExecutor())),
    "threads": ("one thread", lambda workers: Threads(reach="process", workers=1)),
    "another precision": ("same bits", lambda workers: Rounding(InlineExecutor())),
    "a hasty end": ("shutdown waits", lambda workers: Threads(reach="process", workers=1, waits=False)),
    "limits are dropped": ("limits are held or refused", lambda workers: Boundless(InlineExecutor())),
    "generators travel": ("what cannot be sent", lambda workers: Threads(reach="machine", workers=workers)),
    "exits travel": ("exits", lambda workers: Threads(reach="machine", workers=workers)),
    "all die of one": ("a death costs one", lambda workers: OnePool()),
    "no clock": ("a hang ends at its limit", lambda workers: Boundless(ProcessExecutor(workers))),
    "a clock for the queue": ("waiting does not count", lambda workers: Impatient(ProcessExecutor(workers))),
    "memory is free": ("memory is limited", lambda n: Boundless(ProcessExecutor(n), but_time=True)),
    "limits last": ("memory is limited", lambda workers: LastingLimit(ProcessExecutor(workers))),
    "one by one": ("side by side", lambda workers: Alone()),
    "an end that waits": ("an exception does not wait", lambda workers: Waiting(ProcessExecutor(workers))),
}
# What these break is that something ends in time.
PATIENCE = dict.fromkeys(("no clock", "one by one", "an end that waits"), 3.0)


@pytest.mark.parametrize("plant", BROKEN)
def test_a_broken_promise_is_found(plant: str) -> None:
    name, make = BROKEN[plant]
    with pytest.raises(ContractBroken, match=f"'{name}': "):
        check_executor(make, properties=[name], patience=PATIENCE.get(plant, 60.0))


def test_the_plants_break_each_property() -> None:
    everything = check_executor(inline)
    assert {name for name, _ in BROKEN.values()} == {*everything.held, *everything.skipped}


def test_this_process_keeps_what_can_be_asked_of_it() -> None:
    assert "a death costs one" in check_executor(inline).skipped


def test_processes_keep_the_contract() -> None:
    report = check_executor(ProcessExecutor)
    assert not report.skipped
    assert "a death costs one" in report.held


def test_a_property_that_there_is_not_is_refused() -> None:
    with pytest.raises(InputError, match="no property 'speed' of executors; they are results"):
        check_executor(inline, properties=["speed"])

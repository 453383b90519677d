"""Work done in processes of this machine."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from threading import Thread
from typing import ParamSpec, TypeVar, final

from graftwork.errors import RunError, WorkLostError, WorkNotBegunError
from graftwork.runtime._call import Answer, Call, attempt, pack, packed, unpack
from graftwork.runtime._crew import NotBegunError
from graftwork.runtime._crew_executor import CrewExecutor
from graftwork.runtime.executor import Reach, given
from graftwork.runtime.memory import check_memory_limits, give_back
from graftwork.runtime.threads import one_thread

P = ParamSpec("P")
T = TypeVar("T")

_ENVIRONMENT = {
    # Libraries that a worker loads only later read their number of threads from here.
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    # A worker computes on one thread: heaps that glibc gives to others would be room that stays unused.
    "MALLOC_ARENA_MAX": "1",
}
_LOOK = 1.0  # seconds between two looks at whether the driver lives
_START = 300.0  # seconds that a worker has to start and to read its work
_GRACE = 10.0  # seconds that a worker without work has to end
_BEGUN = b"begun"


@final
class ProcessExecutor(CrewExecutor):
    """Runs functions in processes of this machine, one thread each (https://loky.readthedocs.io).

    A process starts when there is work for it and does one piece at a time. Where it dies, or goes beyond the
    `Limits` of its work and is killed, that one piece ends with a `WorkLostError`; the others go on, and
    another process takes its place. Left by an exception, such as an interrupt, the context manager does not
    wait: it kills the processes. If the driver is killed, they end by themselves within seconds.

    Args:
        workers: How many processes.

    Raises:
        InputError: If `workers` is not a whole number of 1 or more.

    Example:
        >>> with ProcessExecutor(workers=1) as executor:
        ...     executor.submit(pow, 2, 5).result()
        32
    """

    reach: Reach = "machine"

    def __init__(self, workers: int = 2) -> None:
        super().__init__(workers)

    def put(self, value: T) -> Callable[[], T]:
        """The value itself, which goes along with every call; files are cheaper where it is large."""
        return partial(given, value)

    def _admit(self, call: Call) -> None:
        if call.limits is not None and call.limits.memory is not None:
            check_memory_limits()

    def _worker(self) -> _Process:
        return _Process()


@final
class _Process:
    """A process and the pipe to it, of which nobody else holds an end."""

    def __init__(self) -> None:
        from loky.backend import get_context

        context = get_context("loky")
        self._pipe, far = context.Pipe()
        self._process = context.Process(
            target=_work, args=(far, os.getpid()), env=_ENVIRONMENT, daemon=True, name="graftwork-worker"
        )
        with _interrupts_held_back():
            self._process.start()
        far.close()

    def ready(self, seconds: float) -> bool:
        """At once: a call waits in the pipe until the process has started."""
        return True

    def do(self, call: Call) -> Answer:
        """Send it; wait for word that it has begun, then for what came of it."""
        try:
            message = pack(call)
        except Exception as error:
            return Answer(error=error)
        try:
            self._pipe.send_bytes(message)
            told = self._told(_START, f"its worker did not begin within {_START:g} s")
        except (EOFError, OSError) as error:
            raise NotBegunError(self._death()) from error
        except WorkLostError as error:
            raise NotBegunError(str(error)) from error
        return self._finished(call) if told == _BEGUN else _answer(told)

    def end(self, *, kill: bool) -> None:
        """Its thread is told by the end of the pipe, which is left to it: poll does not see a close."""
        if not kill:
            self._pipe.close()
            self._process.join(_GRACE)
        if self._process.exitcode is None:
            # Loky's processes have no kill of their own, and one that is stopped does not hear to less.
            os.kill(self._process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
            self._process.join()

    def _finished(self, call: Call) -> Answer:
        begun = time.monotonic()
        seconds = call.limits.seconds if call.limits else None
        try:
            return _answer(self._told(seconds, f"exceeded its limit of {seconds} s"))
        except (EOFError, OSError) as error:
            raise WorkLostError(self._death(), seconds=time.monotonic() - begun) from error

    def _told(self, seconds: float | None, otherwise: str) -> bytes:
        if not self._pipe.poll(seconds):
            raise WorkLostError(otherwise, seconds=seconds or 0.0)
        message: bytes = self._pipe.recv_bytes()
        return message

    def _death(self) -> str:
        self._process.join(_GRACE)
        code = self._process.exitcode
        how = "" if code is None else f" (signal {-code})" if code < 0 else f" (exit code {code})"
        return f"its worker died{how}"


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """From this thread, and from a process that it starts, which can itself refuse them only once it runs."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    # Starting a process starts this one, which lets interrupts in again.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _answer(message: bytes) -> Answer:
    try:
        answer: Answer = unpack(message)
    except Exception as error:
        return Answer(error=RunError(f"what a worker sent cannot be read: {type(error).__name__}: {error}"))
    return answer


def _work(pipe: Connection, driver: int) -> None:
    """What a process does: one call after the other, until the driver closes the pipe."""
    # An interrupt at the terminal reaches workers too; what becomes of them is for the driver to say.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with, args=(driver,), name="end-with-the-driver", daemon=True).start()
    with suppress(EOFError, OSError):
        while True:
            _do_next(pipe)
            give_back()


def _do_next(pipe: Connection) -> None:
    message = pipe.recv_bytes()
    try:
        call: Call = unpack(message)
    except Exception as error:
        unread = WorkNotBegunError(f"a worker cannot read its work: {error!r}")
        pipe.send_bytes(packed(Answer(error=unread)))
        return
    # Each time, as the call before may have changed it.
    one_thread()
    pipe.send_bytes(_BEGUN)
    pipe.send_bytes(packed(attempt(call)))


def _end_with(driver: int) -> None:
    # A worker that waits is told by the end of its pipe; one that works is not.
    while os.getppid() == driver:
        time.sleep(_LOOK)
    os._exit(1)

"""Work done in processes of this machine."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future
from threading import Thread
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar, cast, final

from graftwork.errors import InputError
from graftwork.runtime.threads import one_thread

P = ParamSpec("P")
T = TypeVar("T")

# Libraries that a worker loads only later read their number of threads from here.
_ENVIRONMENT = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
_LOOK = 1.0  # seconds between two looks at whether the driver lives


@final
class ProcessExecutor:
    """Runs functions in processes of this machine, one thread each (https://loky.readthedocs.io).

    Processes start at the first `submit`. If one dies, what was under way fails with a `BrokenExecutor`,
    and the next `submit` starts new ones. Left by an exception, such as an interrupt, the context manager
    does not wait: it ends the processes. If the driver is killed, they end by themselves within seconds.

    Args:
        workers: How many processes.

    Raises:
        InputError: If `workers` is not a whole number of 1 or more.

    Example:
        >>> with ProcessExecutor(workers=1) as executor:
        ...     executor.submit(pow, 2, 5).result()
        32
    """

    def __init__(self, workers: int = 2) -> None:
        if not isinstance(workers, int) or isinstance(workers, bool) or workers < 1:
            raise InputError(f"workers must be a whole number of 1 or more, but it is {workers!r}.")
        self._workers = workers
        # Not yet: what is refused before any work must not leave half-begun processes behind.
        self._pool: Any = None

    @property
    def workers(self) -> int:
        """How many processes."""
        return self._workers

    def submit(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Queue `function` for a process."""
        if self._pool is None:
            self._pool = self._start()
        try:
            future = self._pool.submit(function, *args, **kwargs)
        except BrokenExecutor:
            self._pool.shutdown(wait=False, kill_workers=True)
            self._pool = self._start()
            future = self._pool.submit(function, *args, **kwargs)
        return cast("Future[T]", future)

    def shutdown(self) -> None:
        """Wait for what is under way, then end the processes."""
        self._end(kill=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self._end(kill=kind is not None)

    def _end(self, *, kill: bool) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, kill_workers=kill)

    def _start(self) -> Any:
        from loky import ProcessPoolExecutor

        return ProcessPoolExecutor(
            self._workers, initializer=_begin, initargs=(os.getpid(),), env=_ENVIRONMENT
        )


def _begin(driver: int) -> None:
    one_thread()
    Thread(target=_end_with, args=(driver,), name="end-with-the-driver", daemon=True).start()


def _end_with(driver: int) -> None:
    # A worker that waits for work is not told that the driver was killed: workers hold both ends of the pipe.
    while os.getppid() == driver:
        time.sleep(_LOOK)
    os._exit(1)

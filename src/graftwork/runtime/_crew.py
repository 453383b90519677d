"""Workers that each do one piece of work at a time: what befalls one costs no more than that piece."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Any, Protocol, final

from graftwork.errors import WorkLostError, WorkNotBegunError
from graftwork.runtime._call import Answer, Call

_LOGGER = logging.getLogger(__name__)
_SHUT_DOWN = "the executor was shut down"
_TRIES = 3
_LOOK = 0.2  # seconds between two looks at whether a worker is ready


class WorkerLostError(Exception):
    """A worker was lost by no fault of the work: it can be done by another one."""


class NotBegunError(WorkerLostError):
    """It was lost before the work began."""


class Worker(Protocol):
    """A place where one call at a time is done."""

    def ready(self, seconds: float) -> bool:
        """Wait so long for it to be able to work; whether it is."""
        ...

    def do(self, call: Call) -> Answer:
        """Do a call.

        Raises:
            WorkerLostError: The worker was lost by no fault of the work.
            NotBegunError: So, before the work began.
            WorkLostError: The worker was lost by the work, or ended since a limit was exceeded.
        """
        ...

    def end(self, *, kill: bool) -> None:
        """Free it; with `kill`, whatever it is doing. Can be called twice."""
        ...


@final
class Crew:
    """So many workers at most; each is started when there is work for it, and anew when it was lost.

    Args:
        workers: How many.
        start: Makes a worker; it need not be ready.
    """

    def __init__(self, workers: int, start: Callable[[], Worker]) -> None:
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="graftwork-worker")
        self._start = start
        self._lock = Lock()
        self._idle: list[Worker] = []
        self._all: set[Worker] = set()
        self._ended = False

    def submit(self, call: Call) -> Future[Any]:
        """Queue a call for the next worker that is free."""
        return self._threads.submit(self._done, call)

    def end(self, *, kill: bool) -> None:
        """Wait for what is under way, or with `kill` end it; free the workers."""
        if kill:
            self._free(kill=True)
        self._threads.shutdown(wait=True, cancel_futures=kill)
        self._free(kill=kill)

    def _done(self, call: Call) -> Any:
        lost = WorkerLostError()
        for _ in range(_TRIES):
            worker = self._free_worker()
            try:
                answer = worker.do(call)
            except WorkerLostError as error:
                self._drop(worker)
                if self._ended:
                    break
                lost = error
                _LOGGER.warning("a worker was lost, and its work is given to another one: %s", lost)
            except BaseException:
                self._drop(worker)
                raise
            else:
                with self._lock:
                    self._idle.append(worker)
                return answer.get()
        if self._ended:
            raise WorkLostError(_SHUT_DOWN)
        kind = WorkNotBegunError if isinstance(lost, NotBegunError) else WorkLostError
        raise kind(f"{_TRIES} workers were lost before it was done: {lost}")

    def _free_worker(self) -> Worker:
        worker = self._taken() or self._started()
        while not worker.ready(_LOOK):
            # One that another thread needs no more is sooner there than one that waits for a place.
            if other := self._taken():
                self._drop(worker)
                worker = other
        return worker

    def _taken(self) -> Worker | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _started(self) -> Worker:
        with self._lock:
            if self._ended:
                raise WorkLostError(_SHUT_DOWN)
            try:
                worker = self._start()
            except OSError as error:
                raise WorkNotBegunError(f"no worker could be started: {error}") from error
            self._all.add(worker)
            return worker

    def _drop(self, worker: Worker) -> None:
        with self._lock:
            self._all.discard(worker)
            worker.end(kill=True)

    def _free(self, *, kill: bool) -> None:
        with self._lock:
            self._ended = True
            for worker in self._all:
                worker.end(kill=kill)
            self._all.clear()
            self._idle.clear()

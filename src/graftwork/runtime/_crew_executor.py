"""What executors whose workers are a crew have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from graftwork.errors import InputError
from graftwork.runtime._call import Call
from graftwork.runtime._crew import Crew, Worker

P = ParamSpec("P")
T = TypeVar("T")


class CrewExecutor(ABC):
    """Hands each piece of work to a worker of its own crew, which is begun when there is work.

    Args:
        workers: How many.

    Raises:
        InputError: If `workers` is not a whole number of 1 or more.
    """

    def __init__(self, workers: int) -> None:
        if not isinstance(workers, int) or isinstance(workers, bool) or workers < 1:
            raise InputError(f"workers must be a whole number of 1 or more, but it is {workers!r}.")
        self._workers = workers
        self._crew: Crew | None = None

    @property
    def workers(self) -> int:
        """How many pieces of work are done side by side."""
        return self._workers

    def submit(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Queue `function` for a worker."""
        call = Call(function, args, kwargs)
        self._admit(call)
        if self._crew is None:
            self._crew = Crew(self._workers, self._worker)
        return self._crew.submit(call)

    def shutdown(self) -> None:
        """Wait for what is under way, then free the workers."""
        self._end(kill=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self._end(kill=kind is not None)

    @abstractmethod
    def _admit(self, call: Call) -> None:
        """Refuse what its workers cannot do, and make ready for them."""

    @abstractmethod
    def _worker(self) -> Worker:
        """A new worker; it need not be ready."""

    def _end(self, *, kill: bool) -> None:
        if self._crew is not None:
            self._crew.end(kill=kill)
            self._crew = None

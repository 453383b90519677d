"""The protocol of executors."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import ParamSpec, Protocol, Self, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Executor(Protocol):
    """Runs functions, here or elsewhere; a context manager that shuts down at its end.

    A function that raises hands its exception to its future, and a worker that dies hands a
    `concurrent.futures.BrokenExecutor` to the futures that were under way; the executor goes on.
    """

    @property
    def workers(self) -> int:
        """How many functions run side by side."""
        ...

    def submit(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Start `function`; function, arguments and result must be picklable."""
        ...

    def shutdown(self) -> None:
        """Wait for what is under way, then free the workers."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...

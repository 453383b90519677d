"""The protocol of executors."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import Literal, ParamSpec, Protocol, Self, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
Reach = Literal["process", "machine", "cluster"]


class Executor(Protocol):
    """Runs functions, here or elsewhere; a context manager that shuts down at its end.

    What happens to one function costs no other: one that raises hands its exception to its future; one whose
    worker dies, or that goes beyond the `Limits` it was submitted with (`limited`), gets a
    `graftwork.errors.WorkLostError` there. The executor goes on. `graftwork.testing.check_executor` holds an
    executor to this.
    """

    @property
    def reach(self) -> Reach:
        """How far its workers are: in this `process`, on this `machine`, or anywhere in a `cluster`."""
        ...

    @property
    def workers(self) -> int:
        """How many functions run side by side."""
        ...

    def submit(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Start `function`; function, arguments and result must be picklable."""
        ...

    def put(self, value: T) -> Callable[[], T]:
        """Make a value known to all workers; what comes back is picklable, and gives the value on each."""
        ...

    def shutdown(self) -> None:
        """Wait for what is under way, then free the workers."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...


def given(value: T) -> T:
    """The value.

    Example:
        >>> given(7)
        7
    """
    return value

"""Work done at once, in this process."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from types import TracebackType
from typing import ParamSpec, Self, TypeVar, final

from graftwork.errors import InputError
from graftwork.runtime.executor import Reach, given
from graftwork.runtime.limits import limits_of
from graftwork.runtime.memory import give_back
from graftwork.runtime.threads import one_thread

P = ParamSpec("P")
T = TypeVar("T")


@final
class InlineExecutor:
    """Runs each function when it is submitted, in this process, which is limited to one thread.

    Example:
        >>> with InlineExecutor() as executor:
        ...     executor.submit(pow, 2, 5).result()
        32
    """

    reach: Reach = "process"

    @property
    def workers(self) -> int:
        """One: this process."""
        return 1

    def submit(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run `function` now; the future that comes back is done.

        Raises:
            InputError: It has limits: this process cannot end itself.
        """
        if limits_of(function) is not None:
            raise InputError("limits need a worker that can be ended: another process, not this one")
        # Each time: the flag for denormals belongs to the calling thread, and others may have reset it.
        one_thread()
        future: Future[T] = Future()
        try:
            future.set_result(function(*args, **kwargs))
        except Exception as error:
            # Interrupts are no exceptions of the function's and pass on to the driver.
            future.set_exception(error)
        give_back()
        return future

    def put(self, value: T) -> Callable[[], T]:
        """The value, which is here."""
        return partial(given, value)

    def shutdown(self) -> None:
        """Nothing is under way and nothing is held."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.shutdown()

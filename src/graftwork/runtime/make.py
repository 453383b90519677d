"""From a number of workers, or a name, to an executor."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from graftwork.errors import InputError
from graftwork.runtime.executor import Executor
from graftwork.runtime.inline import InlineExecutor
from graftwork.runtime.limits import Limits
from graftwork.runtime.memory import check_memory_limits
from graftwork.runtime.processes import ProcessExecutor
from graftwork.runtime.registry import named_executor


def make_executor(workers: int = 1, *, name: str | None = None, limits: Limits | None = None) -> Executor:
    """An executor of so many workers.

    Unless named it is this process for one worker, and processes of this machine for more; limits need one
    that can be ended, so that it is a process then for one worker, too.

    Raises:
        InputError: `workers` is not a whole number of 1 or more, there is no executor of this name, or it
            cannot hold work to limits.

    Example:
        >>> make_executor(1).reach, make_executor(1, limits=Limits(seconds=30)).reach
        ('process', 'machine')
    """
    if name is not None:
        executor = named_executor(name, workers)
    else:
        executor = InlineExecutor() if workers == 1 and limits is None else ProcessExecutor(workers)
    _check(executor, limits)
    return executor


@contextmanager
def used_executor(
    executor: str | Executor | None, workers: int, limits: Limits | None = None
) -> Iterator[Executor]:
    """An executor for a while: one that is made, and shut down at the end, or the caller's own, which stays.

    Raises:
        InputError: As `make_executor`.

    Example:
        >>> with used_executor(None, workers=1) as executor:
        ...     executor.submit(pow, 2, 5).result()
        32
    """
    if executor is None or isinstance(executor, str):
        with make_executor(workers, name=executor, limits=limits) as made:
            yield made
    else:
        _check(executor, limits)
        yield executor


def _check(executor: Executor, limits: Limits | None) -> None:
    if limits is None:
        return
    if executor.reach == "process":
        raise InputError(
            f"limits ({limits}) need workers that can be ended, and this executor works in this process; "
            "choose 'processes'"
        )
    if limits.memory is not None and executor.reach == "machine":
        check_memory_limits()

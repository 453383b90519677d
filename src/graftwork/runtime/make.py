"""From a number of workers to an executor."""

from __future__ import annotations

from graftwork.runtime.executor import Executor
from graftwork.runtime.inline import InlineExecutor
from graftwork.runtime.processes import ProcessExecutor


def make_executor(workers: int = 1) -> Executor:
    """An executor of so many workers: this process for one, processes of this machine for more.

    Raises:
        InputError: If `workers` is not a whole number of 1 or more.

    Example:
        >>> make_executor(1).workers
        1
    """
    return InlineExecutor() if workers == 1 else ProcessExecutor(workers)

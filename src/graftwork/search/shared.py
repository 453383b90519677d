"""Trials that several runs have in common, done once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any, TypeVar

from graftwork.runtime import Executor, Reach
from graftwork.trial import Result, Trial

T = TypeVar("T")


class SharedTrials:
    """An executor that runs equal random beginnings once.

    Runs of one seed begin with the same random architectures, and a trial is a pure function of what it is
    given. Each run is still charged what the trial cost.
    """

    def __init__(self, executor: Executor) -> None:
        self.executor = executor
        self._begun: dict[Hashable, Future[Result]] = {}

    @property
    def workers(self) -> int:
        """Processes that work side by side."""
        return self.executor.workers

    @property
    def reach(self) -> Reach:
        """How far they are."""
        return self.executor.reach

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run a trial, or answer with the one that was run."""
        trial = args[0] if args else None
        if not isinstance(trial, Trial) or trial.parent is not None:
            return self.executor.submit(function, *args, **kwargs)
        key = _key(trial)
        if key not in self._begun:
            self._begun[key] = self.executor.submit(function, trial)
        return self._begun[key]

    def put(self, value: T) -> Callable[[], T]:
        """Make a value known to all workers."""
        return self.executor.put(value)

    def shutdown(self) -> None:
        """End the executor."""
        self.executor.shutdown()

    def __enter__(self) -> SharedTrials:
        return self

    def __exit__(self, *exception: object) -> None:
        self.shutdown()


def _key(trial: Trial) -> Hashable:
    """All that a random beginning depends on; a problem is known by its data, options by what they say."""
    return (
        trial.problem.fingerprint,
        trial.space,
        trial.root,
        trial.candidate,
        trial.steps,
        trial.diagnose,
        repr(trial.options),
    )

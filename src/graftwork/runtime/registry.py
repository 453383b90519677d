"""Executors by name: those of the package, and those that other packages register."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from graftwork.errors import GraftworkError, InputError
from graftwork.runtime.executor import Executor
from graftwork.runtime.inline import InlineExecutor
from graftwork.runtime.processes import ProcessExecutor

GROUP = "graftwork.executors"
Factory = Callable[[int], Executor]


def executor_names() -> tuple[str, ...]:
    """Names that `named_executor` knows, those of other packages last.

    Example:
        >>> executor_names()[:2]
        ('inline', 'processes')
    """
    return (*_OWN, *(name for name in _points() if name not in _OWN))


def named_executor(name: str, workers: int) -> Executor:
    """An executor by name, of so many workers.

    A package registers one by an entry point of the group `graftwork.executors`, whose value makes an
    executor of a number of workers, as a class of one does. Built-in names cannot be taken.

    Raises:
        InputError: There is none of this name, it cannot be loaded, or it has not so many workers.

    Example:
        >>> named_executor("processes", 3).workers
        3
    """
    if name in _OWN:
        return _OWN[name](workers)
    points = _points()
    if name not in points:
        near = get_close_matches(name, executor_names(), n=1)
        hint = f"did you mean '{near[0]}'? " if near else ""
        raise InputError(f"there is no executor '{name}'; {hint}executors are {', '.join(executor_names())}")
    return _made(points[name], workers)


def _inline(workers: int) -> Executor:
    if workers != 1:
        raise InputError(
            f"'inline' is this process alone, without limits: workers must be 1, but it is {workers!r}"
        )
    return InlineExecutor()


def _ray(workers: int) -> Executor:
    from graftwork.runtime.ray import RayExecutor

    return RayExecutor(workers)


def _ray_gpu(workers: int) -> Executor:
    from graftwork.runtime.ray import RayExecutor

    return RayExecutor(workers, gpus=1)


_OWN: Mapping[str, Factory] = {
    "inline": _inline,
    "processes": ProcessExecutor,
    "ray": _ray,
    "ray-gpu": _ray_gpu,
}


def _points() -> dict[str, EntryPoint]:
    return {point.name: point for point in sorted(entry_points(group=GROUP), key=lambda point: point.name)}


def _made(point: EntryPoint, workers: int) -> Executor:
    try:
        executor = point.load()(workers)
    except GraftworkError:
        raise
    except Exception as error:
        package = point.dist.name if point.dist else "a package"
        raise InputError(
            f"the executor '{point.name}' of {package} cannot be made: {type(error).__name__}: {error}; "
            "mend or uninstall it"
        ) from error
    return cast("Executor", executor)

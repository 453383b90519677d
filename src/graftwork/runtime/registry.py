"""Executors by name: those of the package, and those that other packages register."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint
from typing import cast

from graftwork.errors import InputError
from graftwork.plugins import found_points, made, unknown
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
        raise unknown(name, executor_names(), "executor")
    return cast("Executor", made(points[name], lambda factory: factory(workers)))


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
    return {point.name: point for point in found_points(GROUP)}

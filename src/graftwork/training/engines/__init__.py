"""What makes training steps: compiled code where it can, PyTorch's autograd elsewhere."""

from __future__ import annotations

import logging
from typing import Literal

from graftwork.errors import InputError
from graftwork.training.balancing import Aggregation
from graftwork.training.engines._base import Engine, Losses, Task
from graftwork.training.engines.eager import EagerEngine
from graftwork.training.engines.native import NativeEngine, compiled_engine, uncovered
from graftwork.training.engines.native.builds import PRECISIONS

EngineName = Literal["auto", "native", "eager"]
_told: set[str] = set()
_LOGGER = logging.getLogger(__name__)


def make_engine(task: Task, name: EngineName = "auto") -> Engine:
    """The engine of a training.

    Args:
        task: What is trained.
        name: `native`, `eager`, or `auto`: the native one, and where it cannot train a model the other,
            which is then said once.

    Raises:
        InputError: No such engine, or the native one was asked for and cannot train the model.
    """
    if name not in ("auto", "native", "eager"):
        raise InputError(f"engine: expected auto, native or eager, came {name!r}")
    if name == "eager":
        return EagerEngine(task)
    hindrance = native_hindrance(task)
    if hindrance is None:
        return NativeEngine(task)
    if name == "native":
        raise InputError(f"engine: the native one cannot train this model: {hindrance}")
    # Gradients that are aggregated, and another device, were asked for: those need not be told.
    if task.model.device.type == "cpu" and not isinstance(task.balance, Aggregation):
        _tell_once(hindrance)
    return EagerEngine(task)


def native_hindrance(task: Task) -> str | None:
    """Why the native engine cannot train a model; None where it can."""
    precision = str(task.dtype).removeprefix("torch.")
    if precision not in PRECISIONS:
        return f"numbers are {precision}, not {' or '.join(PRECISIONS)}"
    if compiled_engine(precision) is None:
        return (
            f"it is not compiled for {precision}, for which a C++ compiler must be there when Graftwork is "
            "installed"
        )
    if task.model.device.type != "cpu":
        return f"the model is on {task.model.device}"
    if isinstance(task.balance, Aggregation):
        return "gradients are aggregated"
    if kinds := uncovered(task.model.architecture):
        return f"it does not cover {' and '.join(sorted(kinds)).replace('_', ' ')} networks"
    return None


def _tell_once(hindrance: str) -> None:
    if hindrance not in _told:
        _told.add(hindrance)
        _LOGGER.warning("Training by PyTorch, not by the faster native engine: %s.", hindrance)


__all__ = ["EagerEngine", "Engine", "EngineName", "Losses", "NativeEngine", "Task", "make_engine"]

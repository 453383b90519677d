"""One piece of work, and what comes back of it, on their way to a worker and home."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, final

from graftwork.errors import RunError, WorkLostError
from graftwork.runtime.limits import Limits, limits_of
from graftwork.runtime.memory import is_out_of_memory, memory_limit


@final
@dataclass(frozen=True)
class Call:
    """A function and what it is called with."""

    function: Callable[..., Any]
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def limits(self) -> Limits | None:
        """What the call may take."""
        return limits_of(self.function)


@final
@dataclass(frozen=True)
class Answer:
    """What a call gave, or the exception it raised and where."""

    value: Any = None
    error: Exception | None = None
    trace: str = ""

    def get(self) -> Any:
        """The value, or the exception raised."""
        if self.error is None:
            return self.value
        if self.trace:
            self.error.add_note(f"on a worker:\n{self.trace}")
        raise self.error


def attempt(call: Call) -> Answer:
    """Do the work within its limit of memory; what it raises is an answer."""
    memory = call.limits.memory if call.limits else None
    try:
        with memory_limit(memory):
            return Answer(call.function(*call.args, **call.kwargs))
    except Exception as error:
        if memory is not None and is_out_of_memory(error):
            return _failed(
                WorkLostError(f"exceeded its limit of {Limits(memory=memory)}: {_first_line(error)}")
            )
        return _failed(error)
    except BaseException as error:
        # An exit that the function asks for would end the worker, or the driver that is told of it.
        return _failed(RunError(_told(error)))


def packed(answer: Answer) -> Any:
    """The answer as bytes; where it cannot be sent, another one that says so."""
    try:
        message = pack(answer)
        if answer.error is not None:
            unpack(message)
        return message
    except Exception as fault:
        if answer.error is not None:
            what = _told(answer.error)
        else:
            what = f"a result of type {type(answer.value).__name__}"
        return pack(
            Answer(error=RunError(f"{what} (it cannot be sent back: {_told(fault)})"), trace=answer.trace)
        )


def pack(value: Any) -> Any:
    """A value as bytes; functions of the main script, too."""
    from loky.backend.reduction import dumps

    return dumps(value)


def unpack(message: bytes) -> Any:
    """The value again. Only for what this process or its own workers packed."""
    from multiprocessing.reduction import ForkingPickler

    return ForkingPickler.loads(message)


def _failed(error: Exception) -> Answer:
    return Answer(error=error, trace="".join(traceback.format_exception(error)).rstrip())


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {_first_line(error)}"

"""How much time and memory one piece of work may take before it is ended."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, ParamSpec, TypeVar, final

from graftwork.errors import InputError

P = ParamSpec("P")
T = TypeVar("T")
_LEAST, _MOST = 10**7, 10**15
_UNITS = {"GB": 10**9, "MB": 10**6, "kB": 10**3}
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?) ?(GB|MB|kB|)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one piece of work may take; a worker that goes beyond is ended, and its work is lost.

    Attributes:
        seconds: Wall-clock time from its beginning on a worker; waiting for a worker does not count.
        memory: Bytes of address space beyond what its worker maps when it begins, from 10 MB to 10^15.

    Raises:
        InputError: Neither is given, or one is not positive and finite.

    Example:
        >>> print(Limits(seconds=30, memory=2_000_000_000))
        30 s, 2 GB of memory
    """

    seconds: float | None = None
    memory: int | None = None

    def __post_init__(self) -> None:
        if self.seconds is None and self.memory is None:
            raise InputError("The limits limit nothing; give seconds, memory or both.")
        _check("seconds", self.seconds, "a positive finite number")
        _check("memory", self.memory, "a positive whole number of bytes")
        if self.memory is not None and not isinstance(self.memory, int):
            raise InputError(f"memory must be a positive whole number of bytes, but it is {self.memory!r}.")
        if self.memory is not None and not _LEAST <= self.memory <= _MOST:
            raise InputError(
                f"memory must be from {_LEAST // 10**6} MB, which any work takes, to {_MOST // 10**9:,} GB, "
                f"but it is {self.memory:,} bytes."
            )

    def __str__(self) -> str:
        time = [] if self.seconds is None else [f"{self.seconds:g} s"]
        memory = [] if self.memory is None else [f"{_bytes(self.memory)} of memory"]
        return ", ".join(time + memory)

    def longer(self, times: float) -> Limits:
        """The same memory, and so many times the seconds.

        Example:
            >>> Limits(seconds=2, memory=10**8).longer(10)
            Limits(seconds=20, memory=100000000)
        """
        return Limits(seconds=None if self.seconds is None else self.seconds * times, memory=self.memory)


@final
@dataclass(frozen=True)
class Limited(Generic[P, T]):
    """A function with the limits of each of its calls, for an executor to hold it to.

    Called here and now it is the function.

    Example:
        >>> power = Limited(pow, Limits(seconds=1))
        >>> power(2, 5)
        32
    """

    function: Callable[P, T]
    limits: Limits

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.function(*args, **kwargs)


def bytes_of(amount: str) -> int:
    """Bytes, from a number with its unit: kB, MB or GB, thousands of each other, or none.

    Raises:
        InputError: It is something else.

    Example:
        >>> bytes_of("1.5GB"), bytes_of("800 MB"), bytes_of("64")
        (1500000000, 800000000, 64)
    """
    read = _AMOUNT.fullmatch(amount.strip())
    if read is None:
        raise InputError(f"expected an amount of memory such as 800MB or 2GB, but it is {amount!r}")
    units = {name.lower(): size for name, size in _UNITS.items()}
    return round(float(read[1]) * units.get(read[2].lower(), 1))


def limited(function: Callable[P, T], limits: Limits | None) -> Callable[P, T]:
    """The function within limits, or as it is where there are none.

    Example:
        >>> limited(pow, None) is pow
        True
    """
    return function if limits is None else Limited(function, limits)


def limits_of(function: Callable[..., object]) -> Limits | None:
    """What an executor has to hold a function to.

    Example:
        >>> print(limits_of(Limited(pow, Limits(seconds=1))), limits_of(pow))
        1 s None
    """
    return function.limits if isinstance(function, Limited) else None


def _check(name: str, limit: object, expected: str) -> None:
    if limit is None:
        return
    good_type = isinstance(limit, (int, float)) and not isinstance(limit, bool)
    if not good_type or not 0 < limit < math.inf:  # type: ignore[operator]
        raise InputError(f"{name} must be {expected}, but it is {limit!r}.")


def _bytes(count: int) -> str:
    for unit, size in _UNITS.items():
        if count >= size:
            return f"{count / size:g} {unit}"
    return f"{count} bytes"

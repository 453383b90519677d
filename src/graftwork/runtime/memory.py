"""A limit on the memory that a piece of work takes in this process."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from graftwork.errors import InputError

_MAPPED = Path("/proc/self/statm")
# How NumPy, PyTorch and the standard library of C++ say it, of which the last two raise RuntimeError; and the
# system's loader, by an ImportError.
_SAID = re.compile(
    r"(allocate|enough|out of|insufficient) (\w+ )?memory|bad_?alloc|failed to map segment", re.IGNORECASE
)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception says that there was not enough memory, whoever raised it.

    Example:
        >>> is_out_of_memory(MemoryError())
        True
        >>> is_out_of_memory(RuntimeError("DefaultCPUAllocator: not enough memory"))
        True
        >>> is_out_of_memory(ValueError("not enough rows"))
        False
    """
    return isinstance(error, MemoryError) or bool(_SAID.search(str(error)))


def check_memory_limits() -> None:
    """Refuse limits on memory where the system has no means to hold them.

    Raises:
        InputError: This is not Linux.
    """
    if not _MAPPED.exists():
        raise InputError("memory of a candidate can be limited on Linux alone; leave that limit out")


def give_back() -> None:
    """Give memory that is free between what is in use back to the system, where the C library is glibc's.

    Models of different sizes leave gaps behind that none of the next fills; without this a process that
    trains hundreds of them grows by a tenth. It takes a few milliseconds.
    """
    if trim := _trim():
        trim(0)


@cache
def _trim() -> Callable[[int], int] | None:
    import ctypes

    try:
        found: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError, TypeError):
        return None
    return found


@contextmanager
def memory_limit(count: int | None) -> Iterator[None]:
    """Let this process map so many bytes more than now, or any number, while the context lasts.

    What asks for more gets a `MemoryError`, or what its library makes of one.
    """
    if count is None:
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    bounds = [_mapped() + count, *(bound for bound in (soft, hard) if bound != resource.RLIM_INFINITY)]
    resource.setrlimit(resource.RLIMIT_AS, (min(bounds), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _mapped() -> int:
    import resource

    return int(_MAPPED.read_text(encoding="ascii").split()[0]) * resource.getpagesize()

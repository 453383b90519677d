"""Who writes to a run: one process, known to all by a lock that ends with it."""

from __future__ import annotations

import os
import sys
import time
from errno import EACCES, EAGAIN, EDEADLK
from pathlib import Path
from platform import node
from typing import final
from weakref import WeakSet, finalize

from graftwork.errors import InputError

LOCK = ".graftwork.lock"

_TAKEN = {EACCES, EAGAIN, EDEADLK}
_MOST_BYTES = 1000
_TRIES, _PAUSE = 40, 0.05

if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> None:
        # Windows keeps others from reading what is locked, so that is a byte beyond what is written.
        os.lseek(descriptor, 1 << 30, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@final
class Lock:
    """A file in a run folder, locked by the operating system, with the process id and host of its holder.

    However the process ends, the lock ends with it; the file stays, for a name that goes and comes again
    could be locked twice. Neither a forked child nor a worker process shares the lock.

    Raises:
        InputError: If another process holds it, or the file system has no locks.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / LOCK
        try:
            # What is no file of ours is not followed, waited for, or written to.
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
            self._descriptor = os.open(path, flags, 0o666)
        except OSError as error:
            raise InputError(f"Cannot open {path}, which keeps others off: {error.strerror}.") from error
        self._end = finalize(self, os.close, self._descriptor)
        try:
            self._hold(folder, path)
        except BaseException:
            self._end()
            raise
        _HELD.add(self)

    def release(self) -> None:
        """Let others in."""
        if self._end.alive:
            try:
                os.ftruncate(self._descriptor, 0)
            finally:
                self._end()

    def _hold(self, folder: Path, path: Path) -> None:
        try:
            _take_patiently(self._descriptor)
            _write(self._descriptor, f"{os.getpid()} {node()}")
        except OSError as error:
            if error.errno in _TAKEN:
                raise InputError(
                    f"{folder} is being written to by {_holder(self._descriptor)}; wait until it has ended, "
                    "or choose another folder. Reading is possible meanwhile."
                ) from error
            raise InputError(
                f"Cannot lock {path} ({error.strerror}), so two processes could write to one run; "
                "choose a folder on a file system that has locks and room."
            ) from error

    @staticmethod
    def forget() -> None:
        """In a forked child: let go of what the parent holds, which keeps it."""
        for lock in list(_HELD):
            lock._end()


def holder() -> str:
    """What writers elsewhere are told of this process."""
    return f"process {os.getpid()} on {node()!r}"


_HELD: WeakSet[Lock] = WeakSet()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=Lock.forget)


def _take_patiently(descriptor: int) -> None:
    """Take it; what a killed process had just forked may not yet have let go of it."""
    for _ in range(_TRIES):
        try:
            return _take(descriptor)
        except OSError as error:
            if error.errno not in _TAKEN or _alive(descriptor):
                raise
            time.sleep(_PAUSE)
    return _take(descriptor)


def _alive(descriptor: int) -> bool:
    """Whether the holder that is named may be at work; of one on another host nobody knows."""
    process, host = _told(descriptor)
    if not process.isdigit():
        return False
    if host != node() or sys.platform == "win32":  # where looking at a process by a signal would end it
        return True
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _write(descriptor: int, text: str) -> None:
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, text.encode())


def _told(descriptor: int) -> tuple[str, str]:
    os.lseek(descriptor, 0, os.SEEK_SET)
    process, _, host = os.read(descriptor, _MOST_BYTES).decode(errors="replace").partition(" ")
    return process, host


def _holder(descriptor: int) -> str:
    process, host = _told(descriptor)
    if not process.isdigit():
        return "another process"
    if host != node():
        return f"process {process} on {host!r}"
    return f"this process ({process})" if int(process) == os.getpid() else f"process {process}"

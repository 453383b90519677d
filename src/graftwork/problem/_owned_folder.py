"""A temporary folder that is gone with its process, or at the latest with the next one that wants such."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def owned_folder(prefix: str) -> Iterator[Path]:
    """A temporary folder while the context lasts; those of owners that were killed are removed before.

    The owner holds a lock on its folder, which ends with the process however that ends. It tells more than
    a process id does: ids are used again, and containers that share a temporary folder count their own.
    """
    if sys.platform == "win32":  # folders cannot be locked there
        with tempfile.TemporaryDirectory(prefix=prefix) as folder:
            yield Path(folder)
        return
    _remove_left(prefix)
    path, lock = _made(prefix)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(lock)


def _made(prefix: str) -> tuple[Path, int]:
    while True:
        path = Path(tempfile.mkdtemp(prefix=prefix))
        # Another process may find it before it is locked, and remove it: then it is made anew.
        with suppress(FileNotFoundError):
            lock = os.open(path, os.O_RDONLY)
            _lock(lock, wait=True)
            if path.exists():
                return path, lock
            os.close(lock)


def _remove_left(prefix: str) -> None:
    for path in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        with suppress(OSError):  # another user's, or gone meanwhile
            # What is no folder is not waited for, and no folder elsewhere is taken for one of these.
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            if _lock(lock, wait=False):
                shutil.rmtree(path, ignore_errors=True)
            os.close(lock)


def _lock(folder: int, *, wait: bool) -> bool:
    """Lock an open folder until it is closed; whether it could be: some file systems have no locks."""
    import fcntl

    try:
        fcntl.flock(folder, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        return False
    return True

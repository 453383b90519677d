"""Weights that no entry names, and their removal."""

from __future__ import annotations

import re
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from stat import S_ISREG

from graftwork.errors import InputError, RunError
from graftwork.store._folder import find
from graftwork.store._lock import Lock, holder
from graftwork.store._weights import WEIGHTS

_OURS = re.compile(r"(?P<digest>[0-9a-f]{64})\.(safetensors|tmp)")


@dataclass(frozen=True)
class Collected:
    """What was removed, or would be.

    Attributes:
        files: Names in the folder of weights, sorted.
        bytes: Their sizes together.
    """

    files: tuple[str, ...]
    bytes: int


def collect(folder: str | PathLike[str], *, dry_run: bool = False) -> Collected:
    """Remove the weights of a run that no entry names, and those that were left half-written.

    Such files are what a run leaves behind that is killed between its weights and the entry that names
    them. No other file is touched, and no symbolic link followed.

    Args:
        folder: Folder of a run, which nobody may be writing to.
        dry_run: Say what would be removed, and remove nothing.

    Raises:
        InputError: There is no run, it is damaged, or a process is writing to it.
        RunError: A file could not be removed.

    Example:
        >>> import tempfile
        >>> from graftwork.store import Store
        >>> folder = tempfile.mkdtemp()
        >>> with Store.open(folder, kind="study", spec={}) as store:
        ...     pass
        >>> collect(folder)
        Collected(files=(), bytes=0)
    """
    from graftwork.store._database import Database

    place = find(Path(folder))
    lock = Lock(Path(folder))
    try:
        # On a server another machine may be writing, which the lock of the folder does not know.
        database = Database.write(place, holder=holder()) if place.address else Database.read(place)
        try:
            found = _unnamed(Path(folder) / WEIGHTS, database.named_weights())
        finally:
            database.close()
        if not dry_run:
            _remove(found)
    finally:
        lock.release()
    return Collected(tuple(path.name for path in found), sum(found.values()))


def _unnamed(folder: Path, named: set[str]) -> dict[Path, int]:
    """Files that nothing needs, with their sizes."""
    if folder.is_symlink():
        raise InputError(
            f"{folder} is a symbolic link, which is not followed; nothing was removed. Move the weights "
            "into the run folder first."
        )
    found = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        match, status = _OURS.fullmatch(path.name), path.lstat()
        whole = path.suffix == ".safetensors"
        if match and S_ISREG(status.st_mode) and not (whole and match["digest"] in named):
            found[path] = status.st_size
    return found


def _remove(paths: dict[Path, int]) -> None:
    for path in paths:
        try:
            path.unlink()
        except OSError as error:
            raise RunError(f"Could not remove {path}: {error.strerror}.") from error

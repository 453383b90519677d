"""Which folders may hold a run, and the refusals of those that may not."""

from __future__ import annotations

import os
from pathlib import Path

from graftwork.errors import InputError
from graftwork.store._lock import LOCK

DATABASE = "graftwork.db"
# A database is made under this name and renamed when whole; one left by a crash may be overwritten.
UNFINISHED = ".graftwork.db.new"


def prepare(folder: Path, hint: str) -> Path:
    """Make `folder` if need be and return the path of its database, which may not exist yet.

    Raises:
        InputError: If it is no folder, cannot be written to, or holds files but no run.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        names = sorted(path.name for path in folder.iterdir())
    except (FileExistsError, NotADirectoryError) as error:
        raise InputError(f"{folder} cannot be a run folder, because a file is in the way; {hint}.") from error
    except OSError as error:
        raise InputError(f"Cannot use {folder} as a run folder: {error.strerror}; {hint}.") from error
    foreign = [name for name in names if name != LOCK and not name.startswith(UNFINISHED)]
    if foreign and DATABASE not in foreign:
        raise InputError(
            f"{folder} holds files but no run ({_some(foreign)}); nothing in it was changed. Expected an "
            f"empty or new folder, or one that holds {DATABASE}; {hint}."
        )
    path = folder / DATABASE
    if not all(os.access(item, os.W_OK) for item in (folder, path) if item.exists()):
        raise InputError(f"No permission to write to {folder}; {hint}.")
    return path


def find(folder: Path) -> Path:
    """The path of the database in `folder`.

    Raises:
        InputError: If there is none.
    """
    path = folder / DATABASE
    if not path.is_file():
        why = f"it holds no {DATABASE}" if folder.is_dir() else "there is no such folder"
        raise InputError(
            f"{folder} is not a run folder: {why}. Give the folder that a study or search was written to."
        )
    return path


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")

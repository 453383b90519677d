"""Which folders may hold a run, where its rows are, and the refusals of those that may not."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from graftwork.documents import short
from graftwork.errors import InputError
from graftwork.store._address import Address
from graftwork.store._flush import flush_folder
from graftwork.store._lock import LOCK

DATABASE = "graftwork.db"
# Both are made under such a name and renamed when whole; one left by a crash may be overwritten.
UNFINISHED = ".graftwork.db.new"
ELSEWHERE = "graftwork.json"
_UNFINISHED_ELSEWHERE = ".graftwork.json.new"
_ALONE = "run"
_MOST_BYTES = 10_000
_NAME = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Location:
    """Where the rows of a run are.

    Attributes:
        folder: Of the run.
        name: Of the run in its database.
        address: Of the server; none for a file in the folder.
        exists: Whether there is a run already.
    """

    folder: Path
    name: str = _ALONE
    address: Address | None = None
    exists: bool = True

    @property
    def file(self) -> Path:
        """The file of the database, where there is no server."""
        return self.folder / DATABASE

    def __str__(self) -> str:
        return f"run {self.name} at {self.address}" if self.address else str(self.file)

    def remember(self) -> None:
        """Write down in the folder where the rows are, without the password."""
        if self.address:
            unfinished = self.folder / _UNFINISHED_ELSEWHERE
            # What bears the name could be a link to elsewhere.
            unfinished.unlink(missing_ok=True)
            told = json.dumps({"database": str(self.address), "run": self.name})
            with unfinished.open("x", encoding="utf-8") as file:
                file.write(f"{told}\n")
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(self.folder / ELSEWHERE)
            flush_folder(self.folder)


def prepare(folder: Path, hint: str, address: Address | None = None) -> Location:
    """Make `folder` if need be; where its run is, or will be.

    Args:
        folder: Of the run.
        hint: What refusals tell the reader to do.
        address: Of the server that a new run is to be kept on, and which an old one must be on.

    Raises:
        InputError: If it is no folder, cannot be written to, or holds files but no run or one elsewhere.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        names = sorted(path.name for path in folder.iterdir())
    except (FileExistsError, NotADirectoryError) as error:
        raise InputError(f"{folder} cannot be a run folder, because a file is in the way; {hint}.") from error
    except OSError as error:
        raise InputError(f"Cannot use {folder} as a run folder: {error.strerror}; {hint}.") from error
    foreign = [name for name in names if name not in {LOCK, _UNFINISHED_ELSEWHERE}]
    foreign = [name for name in foreign if not name.startswith(UNFINISHED)]
    if foreign and not {DATABASE, ELSEWHERE} & {*foreign}:
        raise InputError(
            f"{folder} holds files but no run ({_some(foreign)}); nothing in it was changed. Expected an "
            f"empty or new folder, or one that holds {DATABASE} or {ELSEWHERE}; {hint}."
        )
    place = _found(folder, address) or Location(
        folder, uuid4().hex if address else _ALONE, address, exists=False
    )
    if not all(os.access(item, os.W_OK) for item in (folder, place.file) if item.exists()):
        raise InputError(f"No permission to write to {folder}; {hint}.")
    return place


def find(folder: Path, address: Address | None = None) -> Location:
    """Where the run of `folder` is.

    Raises:
        InputError: If there is none.
    """
    place = _found(folder, address)
    if place is None:
        why = f"it holds no {DATABASE} and no {ELSEWHERE}" if folder.is_dir() else "there is no such folder"
        raise InputError(
            f"{folder} is not a run folder: {why}. Give the folder that a study or search was written to."
        )
    return place


def _found(folder: Path, address: Address | None) -> Location | None:
    if (folder / DATABASE).is_file():
        if address:
            raise InputError(
                f"{folder} holds its run in {DATABASE}, not at {address}; leave the address of a database "
                "out, or choose another folder."
            )
        return Location(folder)
    path = folder / ELSEWHERE
    if not path.is_file():
        return None
    there, name = _read(path)
    if address and str(address) != str(there):
        raise InputError(f"{folder} holds its run at {there}, but {address} was asked for.")
    # One that was given may hold a password, which is not written down.
    return Location(folder, name, address or there)


def _read(path: Path) -> tuple[Address, str]:
    try:
        with path.open("rb") as file:
            told = json.loads(file.read(_MOST_BYTES))
        name = told["run"]
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise ValueError(f"its run is {short(name)}")
        return Address.parse(told["database"]).remembered(), name
    except (OSError, ValueError, LookupError, TypeError, RecursionError, InputError) as error:
        raise InputError(
            f"{path} does not say where its run is ({str(error)[:200]}); restore it from a copy, or start "
            "again in another folder."
        ) from error


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")

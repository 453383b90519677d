"""The folder of weights: one file for each content, named by its hash."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, final

from graftwork.documents import short
from graftwork.errors import InputError, RunError
from graftwork.store._flush import flush_folder
from graftwork.store._tensors import load_tensors, save_tensors

if TYPE_CHECKING:
    from torch import Tensor

WEIGHTS = "weights"

_MOST_BYTES = 1 << 32
_HASH = re.compile(r"[0-9a-f]{64}")


def is_digest(value: object) -> bool:
    """Whether a value is a hash under which weights can lie."""
    return isinstance(value, str) and _HASH.fullmatch(value) is not None


@final
class Weights:
    """Files `<sha256>.safetensors` in one folder, which is made when first needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, tensors: Mapping[str, Tensor]) -> str:
        """Keep `tensors`; returns their hash. What is already there is not written again."""
        data = save_tensors(tensors)
        digest = hashlib.sha256(data).hexdigest()
        path = self._path(digest)
        try:
            if not path.exists() or path.read_bytes() != data:
                self._make_folder()
                _write(path, data)
        except OSError as error:
            raise RunError(f"Could not write weights to {path}: {error.strerror}.") from error
        return digest

    def load(self, digest: str) -> dict[str, Tensor]:
        """The tensors whose hash is `digest`.

        Raises:
            InputError: If there are none, or the file is too large or does not hold what its name says.
        """
        if not is_digest(digest):
            raise InputError(f"The hash of weights must be 64 hexadecimal digits, but it is {short(digest)}.")
        path = self._path(digest)
        try:
            data = _read(path)
        except OSError as error:
            raise InputError(f"Could not read weights from {path}: {error.strerror}.") from error
        if hashlib.sha256(data).hexdigest() != digest:
            raise InputError(
                f"{path} is damaged: its content is not what its name says. Restore it from a copy, or "
                "start the run again in another folder."
            )
        try:
            return load_tensors(data)
        except InputError as error:
            raise InputError(f"{path}: {error}") from error

    def _make_folder(self) -> None:
        if self._folder.is_symlink():
            raise InputError(f"{self._folder} leads out of the run; put the folder in its place.")
        self._folder.mkdir(exist_ok=True)

    def _path(self, digest: str) -> Path:
        return self._folder / f"{digest}.safetensors"


def _read(path: Path) -> bytes:
    # A pipe is not waited for.
    with open(
        os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)), "rb"
    ) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size > _MOST_BYTES:
            raise InputError(f"{path}: expected a file of at most {_MOST_BYTES} bytes.")
        return file.read()


def _write(path: Path, data: bytes) -> None:
    # Renamed only when whole and on disk, so that a name never stands for half a file. Whatever bears the
    # name already is removed rather than written to: it could be a link to elsewhere.
    temporary = path.with_suffix(".tmp")
    temporary.unlink(missing_ok=True)
    with temporary.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    flush_folder(path.parent)

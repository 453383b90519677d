"""Files that installed packages ship with."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from graftwork.errors import InputError, MissingExtraError


def shipped(package: str, file: str, problem: str) -> Path:
    """A file of an installed package, which is not imported: nothing of it runs.

    Raises:
        MissingExtraError: The package is not installed.
        InputError: It does not ship the file.
    """
    folder = folder_of(package, problem)
    path = folder / file
    if not path.is_file():
        raise InputError(
            f"{problem}: the package {package} in '{folder}' has no {file}; install another version of it"
        )
    return path


def folder_of(package: str, problem: str) -> Path:
    """Where a package is installed.

    Raises:
        MissingExtraError: It is not installed.
    """
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise MissingExtraError("data", f"the problem {problem}")
    return Path(spec.origin).parent

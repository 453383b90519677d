"""How large data may be, so that no file takes more memory than a machine has."""

from __future__ import annotations

import os
from pathlib import Path

from graftwork.errors import InputError

# Text of twenty million cells takes about 2 GB while it is read.
MOST = {"GRAFTWORK_MAX_BYTES": 1_000_000_000, "GRAFTWORK_MAX_CELLS": 20_000_000}


def limit(name: str) -> int:
    """A limit: what the environment variable of its name says, else Graftwork's own.

    Raises:
        InputError: The variable holds no whole number above 0.
    """
    told = os.environ.get(name)
    if told is None:
        return MOST[name]
    if not told.isascii() or not told.isdigit() or not 0 < len(told) < 20 or not int(told):
        raise InputError(f"environment variable {name}: expected a whole number above 0, came {told[:60]!r}")
    return int(told)


def check_bytes(path: Path) -> None:
    """Refuse a file that is too large, or none."""
    try:
        if not path.is_file():
            raise InputError(f"no file '{path}'")
        size = path.stat().st_size
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read '{str(path)[:200]}': {error}") from None
    refuse_over("GRAFTWORK_MAX_BYTES", size, f"'{path}'", "bytes")
    if not size:
        raise InputError(f"'{path}' is empty; expected a header and rows")


def check_cells(path: Path, cells: int) -> None:
    """Refuse data of too many numbers or texts."""
    refuse_over("GRAFTWORK_MAX_CELLS", cells, f"'{path}'", "cells")


def refuse_over(name: str, amount: int, what: str, unit: str) -> None:
    """Refuse an amount over a limit, and say how to raise it."""
    most = limit(name)
    if amount > most:
        raise InputError(
            f"{what} has {amount:,} {unit}, and the limit {name} is {most:,}: give a sample of its "
            "rows, or set the "
            "environment variable of that name higher, where memory allows"
        )

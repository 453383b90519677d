"""Run folders in which one value is another than it was."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any


def copied(folder: Path, to: Path) -> Path:
    """A copy, in place of an earlier one."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(folder, to)
    return to


def ask(folder: Path, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """Put a statement to the database of a run."""
    with closing(sqlite3.connect(folder / "graftwork.db")) as connection, connection:
        connection.execute("PRAGMA synchronous=OFF")
        return connection.execute(statement, values).fetchall()


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value inside of one."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        yield (*path, key)
        yield from places(item, (*path, key))


def put(value: Any, path: tuple[Any, ...], item: Any) -> str:
    """The JSON of a copy of a value in which another lies at the end of the way."""
    changed = json.loads(json.dumps(value))
    inner = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = item
    return json.dumps(changed)


def changed_schema(folder: Path, table: str, change: Callable[[str], str]) -> None:
    """Rewrite what a table is made with."""
    with closing(sqlite3.connect(folder / "graftwork.db")) as connection, connection:
        connection.execute("PRAGMA writable_schema=ON")
        told = "FROM sqlite_master WHERE type = 'table' AND name = ?"
        text = connection.execute(f"SELECT sql {told}", [table]).fetchone()[0]
        connection.execute(
            "UPDATE sqlite_master SET sql = ? WHERE type = 'table' AND name = ?", [change(text), table]
        )

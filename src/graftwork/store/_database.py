"""The tables of a run, and every statement that is put to them."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self, final

import sqlalchemy as sa

from graftwork.errors import InputError, RunError
from graftwork.store._entry import Entry
from graftwork.store._folder import UNFINISHED
from graftwork.store._json import decode

SCHEMA = 2

_METADATA = sa.MetaData()
_RUN = sa.Table(
    "run",
    _METADATA,
    sa.Column("schema_version", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("spec", sa.Text, nullable=False),
    sa.Column("environment", sa.Text, nullable=False),
    sa.Column("finished", sa.Boolean, nullable=False),
    sa.Column("summary", sa.Text),
)
_ENTRY = sa.Table(
    "entry",
    _METADATA,
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("weights", sa.Text),
)


@final
class Database:
    """One SQLite file. Readers see what the writer has committed, and neither waits for the other."""

    def __init__(self, path: Path, *, mode: str) -> None:
        self._path = path
        self._engine = sa.create_engine(
            "sqlite://",
            creator=lambda: _connect(path, mode),
            # A reader opens the file anew for each look, so that it holds nothing and misses nothing.
            poolclass=sa.NullPool if mode == "ro" else sa.QueuePool,
        )

    @classmethod
    def create(cls, path: Path, *, kind: str, spec: str, environment: str) -> Self:
        """A new database with its run, which appears under its name only when it is whole."""
        unfinished = path.with_name(UNFINISHED)
        database = cls(unfinished, mode="rwc")
        row = {"schema_version": SCHEMA, "kind": kind, "spec": spec, "environment": environment}
        with database._refusals():
            unfinished.unlink(missing_ok=True)
            with database._engine.begin() as connection:
                _METADATA.create_all(connection)
                connection.execute(_RUN.insert().values(finished=False, **row))
            database.close()
            unfinished.rename(path)
        return cls.write(path)

    @classmethod
    def write(cls, path: Path) -> Self:
        """Open for writing, after a check of the whole file."""
        database = cls(path, mode="rw")
        with database._refusals():
            database._check()
            with database._engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        return database

    @classmethod
    def read(cls, path: Path) -> Self:
        """Open without the means to change anything, after a check of the whole file."""
        database = cls(path, mode="ro")
        with database._refusals():
            database._check()
        return database

    def run(self) -> dict[str, Any]:
        """The row of the run, its objects decoded."""
        with self._refusals(), self._engine.connect() as connection:
            row = connection.execute(sa.select(_RUN)).mappings().one()
            spec, environment = decode(row["spec"]), decode(row["environment"])
            summary = None if row["summary"] is None else decode(row["summary"])
            return dict(row) | {"spec": spec, "environment": environment, "summary": summary}

    def entries(self, key: str | None = None) -> list[Entry]:
        """All entries in the order they were added, or the one of `key`."""
        query = sa.select(_ENTRY).order_by(_ENTRY.c.position)
        if key is not None:
            query = query.where(_ENTRY.c.key == key)
        with self._refusals(), self._engine.connect() as connection:
            return [
                Entry(
                    key=row["key"],
                    status=row["status"],
                    reason=row["reason"],
                    payload=decode(row["payload"]),
                    weights=row["weights"],
                )
                for row in connection.execute(query).mappings()
            ]

    def named_weights(self) -> set[str]:
        """Hashes of all weights that an entry names."""
        query = sa.select(_ENTRY.c.weights).where(_ENTRY.c.weights.is_not(None))
        with self._refusals(), self._engine.connect() as connection:
            return set(connection.execute(query).scalars())

    def add(self, **row: str | None) -> None:
        """Commit one entry."""
        try:
            with self._engine.begin() as connection:
                connection.execute(_ENTRY.insert().values(**row))
        except sa.exc.IntegrityError as error:
            raise RunError(
                f"The run in {self._path.parent} already holds an entry {row['key']!r}, which stays."
            ) from error
        except sa.exc.DatabaseError as error:
            raise RunError(f"Could not write entry {row['key']!r} to {self._path}: {error.orig}.") from error

    def finish(self, summary: str) -> None:
        """Commit the end of the run."""
        try:
            with self._engine.begin() as connection:
                connection.execute(_RUN.update().values(finished=True, summary=summary))
        except sa.exc.DatabaseError as error:
            raise RunError(f"Could not write the summary to {self._path}: {error.orig}.") from error

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def _check(self) -> None:
        with self._engine.connect() as connection:
            found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
            if found != "ok":
                raise ValueError(found)
            version = connection.execute(sa.select(_RUN.c.schema_version)).scalar_one()
        if version != SCHEMA:
            raise ValueError(f"its schema version is {version}, and this Graftwork reads {SCHEMA}")

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except (sa.exc.SQLAlchemyError, ValueError, OSError) as error:
            self.close()
            what = getattr(error, "orig", None) or error
            raise InputError(
                f"{self._path} cannot be read as a run ({what}); nothing was changed. If the file was cut "
                "short or damaged, restore it from a copy, or start again in another folder."
            ) from error


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"{path.resolve().as_uri()}?mode={mode}"
    unwritten = not path.with_name(f"{path.name}-wal").exists()
    if mode == "ro" and unwritten and not os.access(path.parent, os.W_OK):
        # SQLite keeps an index beside a WAL file. Where it may not, and nobody writes, it needs none.
        uri += "&immutable=1"
    return sqlite3.connect(uri, uri=True, check_same_thread=False)

"""Connections to the databases that runs are kept in: a SQLite file, or a PostgreSQL server."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from graftwork.errors import InputError, RunError
from graftwork.store._address import Address
from graftwork.store._folder import Location

_TRIES, _PAUSE = 40, 0.05
_SECONDS = 10


def file_engine(path: Path, mode: str) -> sa.Engine:
    """Of a SQLite file, opened with a mode of its URIs: `ro`, `rw` or `rwc`."""
    engine = sa.create_engine(
        "sqlite://",
        creator=lambda: _connect(path, mode),
        # A reader opens the file anew for each look, so that it holds nothing and misses nothing.
        poolclass=sa.NullPool if mode == "ro" else sa.QueuePool,
    )
    sa.event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys=ON"))
    # Files of others: their schemas may call no function that does things, and damaged pages are told.
    sa.event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA trusted_schema=OFF"))
    sa.event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA cell_size_check=ON"))
    return engine


def server_engine(address: Address, *, mode: str) -> sa.Engine:
    """Of a PostgreSQL server. A writer has one connection, for its lock belongs to that."""
    options = " -c default_transaction_read_only=on" if mode == "ro" else ""
    arguments = {"connect_timeout": _SECONDS, "options": f"-c timezone=UTC{options}"}
    arguments |= address.arguments
    if mode == "ro":
        return sa.create_engine(address.driven(), connect_args=arguments, poolclass=sa.NullPool)
    return sa.create_engine(address.driven(), connect_args=arguments, poolclass=sa.StaticPool)


def engine_of(place: Location, mode: str) -> sa.Engine:
    """Of wherever a run is."""
    return server_engine(place.address, mode=mode) if place.address else file_engine(place.file, mode)


def take_server_lock(engine: sa.Engine, place: Location, holder: str) -> None:
    """Keep other writers off a run on a server, from whichever machine, until the connection ends.

    The lock ends with it, so that this engine makes no other one.

    Raises:
        InputError: Another writer holds it.
    """
    number = int.from_bytes(hashlib.sha256(place.name.encode()).digest()[:8], "big", signed=True)
    for _ in range(_TRIES):
        with engine.begin() as connection:
            if connection.execute(sa.select(sa.func.pg_try_advisory_lock(number))).scalar_one():
                # What the others are told is the name of the session.
                connection.execute(sa.select(sa.func.set_config("application_name", holder, False)))
                sa.event.listen(engine, "do_connect", partial(_refuse_another_connection, place))
                return
        time.sleep(_PAUSE)
    raise InputError(
        f"{place} is being written to by {_holder_of(engine, number)}; wait until it has ended, or choose "
        "another folder. Reading is possible meanwhile."
    )


def _refuse_another_connection(place: Location, *_: object) -> None:
    raise RunError(lost(place))


def lost(place: Location) -> str:
    """What is told where a server went away."""
    return (
        f"The connection to {place} was lost; what was written is kept. The same command goes on from there "
        "when the server is back."
    )


def _holder_of(engine: sa.Engine, number: int) -> str:
    query = sa.text(
        "select a.application_name from pg_locks l join pg_stat_activity a on a.pid = l.pid "
        "where l.locktype = 'advisory' and l.granted and l.classid = :high and l.objid = :low"
    )
    unsigned = number % 2**64
    with engine.begin() as connection:
        found = connection.execute(query, {"high": unsigned >> 32, "low": unsigned % 2**32}).scalars().first()
    return str(found or "another process")


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"{path.resolve().as_uri()}?mode={mode}"
    unwritten = not path.with_name(f"{path.name}-wal").exists()
    if mode == "ro" and unwritten and not os.access(path.parent, os.W_OK):
        # SQLite keeps an index beside a WAL file. Where it may not, and nobody writes, it needs none.
        uri += "&immutable=1"
    return sqlite3.connect(uri, uri=True, check_same_thread=False)


def told_by(error: Exception) -> Any:
    """What a driver said, without the statement, in at most 200 characters."""
    return str(getattr(error, "orig", None) or error).partition("\n")[0][:200]

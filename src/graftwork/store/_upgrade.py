"""Runs of earlier versions, brought up to date."""

from __future__ import annotations

import shutil
import sqlite3
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from graftwork.documents import from_others
from graftwork.errors import InputError, RunError
from graftwork.store._folder import DATABASE, UNFINISHED, Location, find
from graftwork.store._lock import Lock, holder

if TYPE_CHECKING:
    import sqlalchemy as sa

_MIGRATIONS = Path(__file__).with_name("migrations")
_FIRST = "0001"
_FIRST_SCHEMA = 2


def upgrade(folder: str | PathLike[str], *, database: str | None = None) -> Path | None:
    """Bring the tables of a run up to date, by alembic's migrations.

    A file is upgraded as a copy that takes its place when it is whole; the old one is kept beside it. On a
    server all runs of its database are upgraded, in one transaction.

    Args:
        folder: Of the run.
        database: Address of its database, where the one that the folder remembers does not suffice.

    Returns:
        What is kept of the old file; None where there was nothing to do, or on a server.

    Raises:
        InputError: There is no run, it is damaged, of a later version, or a process is writing to it.
        RunError: It could not be upgraded; it is as it was.
    """
    from graftwork.store._address import Address

    place = find(Path(folder), Address.parse(database) if database else None)
    lock = Lock(place.folder)
    try:
        if place.address is None:
            return _upgrade_file(place)
        _upgrade_server(place)
        return None
    finally:
        lock.release()


def migrate(connection: sa.Connection, *, to: str = "head") -> None:
    """Run the migrations from wherever a database stands; an empty one stands at the beginning."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    if _version(connection) is None and _is_first(connection):
        command.stamp(config, _FIRST)
    command.upgrade(config, to)


def current() -> str:
    """The revision that this Graftwork reads."""
    from graftwork.store._tables import REVISION

    return REVISION


def _upgrade_file(place: Location) -> Path | None:
    from graftwork.store._engines import file_engine

    copy = place.folder / UNFINISHED
    copy.unlink(missing_ok=True)
    try:
        _copy(place.file, copy)
        engine = file_engine(copy, "rw")
        try:
            before = _run(engine, place)
        finally:
            engine.dispose()
        if before == current():
            return None
        old = place.folder / f"{DATABASE}.{before}"
        # What bears the name could be a link to elsewhere.
        old.unlink(missing_ok=True)
        _copy(place.file, old)
        _empty_log(place)
        copy.replace(place.file)
        return old
    finally:
        copy.unlink(missing_ok=True)


def _upgrade_server(place: Location) -> None:
    from graftwork.store._engines import engine_of, take_server_lock

    engine = engine_of(place, "rw")
    try:
        take_server_lock(engine, place, holder())
        _run(engine, place)
    finally:
        engine.dispose()


def _run(engine: sa.Engine, place: Location) -> str:
    """Migrate; the revision that it was before."""
    import sqlalchemy as sa
    from alembic.util.exc import CommandError

    try:
        with engine.begin() as connection, from_others("what it holds"):
            if place.address is None:
                _check_file(connection)
            before = _version(connection) or (_FIRST if _is_first(connection) else None)
            if before is not None and before in _known():
                migrate(connection)
                return before
    except (InputError, sa.exc.SQLAlchemyError, CommandError) as error:
        why = str(error).partition("\n")[0][:300]
        raise RunError(f"{place} could not be brought up to date ({why}); it is as it was.") from error
    raise InputError(f"{place} is no run that this Graftwork could bring up to date.")


def _check_file(connection: sa.Connection) -> None:
    from graftwork.store._schema import refuse_programs

    refuse_programs(connection)
    found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    if found != "ok":
        raise ValueError(found)


def _known() -> set[str]:
    """All revisions that there have been."""
    from alembic.script import ScriptDirectory

    return {each.revision for each in ScriptDirectory(str(_MIGRATIONS)).walk_revisions()}


def _version(connection: sa.Connection) -> str | None:
    import sqlalchemy as sa

    from graftwork.store._tables import VERSION

    if not sa.inspect(connection).has_table(VERSION.name):
        return None
    found: str | None = connection.execute(sa.select(VERSION.c.version_num)).scalar_one_or_none()
    return found


def _is_first(connection: sa.Connection) -> bool:
    """Whether it is of the time before there were migrations."""
    import sqlalchemy as sa

    inspector = sa.inspect(connection)
    if not (inspector.has_table("run") and inspector.has_table("entry")):
        return False
    if "schema_version" not in {column["name"] for column in inspector.get_columns("run")}:
        return False
    return connection.execute(sa.text("select schema_version from run")).scalars().first() == _FIRST_SCHEMA


def _empty_log(place: Location) -> None:
    """What the log holds belongs to the file that goes, and would be written into the one that comes."""
    connection = sqlite3.connect(f"{place.file.resolve().as_uri()}?mode=rw", uri=True)
    try:
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.close()
    if busy:
        raise InputError(f"{place} is being read; close what reads it, and try again.")


def _copy(source: Path, target: Path) -> None:
    """A copy of a database with what its log holds."""
    try:
        with sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True) as old:
            with sqlite3.connect(target) as new:
                old.backup(new)
            # A log beside a copy would be left behind where it is removed.
            new.execute("PRAGMA journal_mode=DELETE")
            new.close()
        old.close()
    except sqlite3.Error as error:
        target.unlink(missing_ok=True)
        raise InputError(f"{source} cannot be read as a run ({error}); nothing was changed.") from error
    shutil.copystat(source, target)

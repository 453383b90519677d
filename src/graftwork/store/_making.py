"""A new run in its database, and which revision of the tables a database has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from graftwork.errors import InputError
from graftwork.store._engines import engine_of, file_engine, told_by
from graftwork.store._flush import flush_folder
from graftwork.store._folder import UNFINISHED, Location
from graftwork.store._tables import METADATA, REVISION, RUN, VERSION


def make(place: Location, row: Mapping[str, Any]) -> None:
    """Make tables where there are none, and the row of the run; its folder knows it when it is whole.

    Raises:
        InputError: It cannot be made there.
    """
    with _refusals(place):
        if place.address is None:
            _make_file(place, row)
        else:
            _make_on_server(place, row)


def check_revision(connection: sa.Connection, place: Location) -> None:
    """Refuse a database of something else, and one of another Graftwork.

    Raises:
        ValueError: It is none of a run, or of a later revision.
        InputError: It is of an earlier one.
    """
    inspector = sa.inspect(connection)
    names = set(inspector.get_table_names())
    if not {VERSION.name, RUN.name} <= names:
        older = {"run", "entry"} <= names
        if older and "schema_version" in {each["name"] for each in inspector.get_columns("run")}:
            raise InputError(_outdated(place))
        raise ValueError("it has other tables than a run's")
    found = [str(each) for each in connection.execute(sa.select(VERSION.c.version_num)).scalars()]
    if len(found) == 1 and found[0] < REVISION:
        raise InputError(_outdated(place))
    if found != [REVISION]:
        told = ", ".join(each[:60] for each in found[:3]) or "none"
        raise ValueError(f"its schema is revision {told}, and this Graftwork reads {REVISION}")


def _outdated(place: Location) -> str:
    return (
        f"{place} was made by an earlier Graftwork; nothing was changed. "
        f"Bring it up to date with: graftwork upgrade {place.folder}"
    )


@contextmanager
def _refusals(place: Location) -> Iterator[None]:
    try:
        yield
    except (sa.exc.SQLAlchemyError, ValueError, OSError) as error:
        raise InputError(f"Could not make {place}: {told_by(error)}.") from error


def _make_file(place: Location, row: Mapping[str, Any]) -> None:
    unfinished = place.folder / UNFINISHED
    unfinished.unlink(missing_ok=True)
    engine = file_engine(unfinished, "rwc")
    try:
        with engine.begin() as connection:
            _make_tables(connection)
            connection.execute(RUN.insert().values(**row))
    finally:
        engine.dispose()
    unfinished.rename(place.file)
    flush_folder(place.folder)


def _make_on_server(place: Location, row: Mapping[str, Any]) -> None:
    engine = engine_of(place, "rw")
    try:
        with engine.begin() as connection:
            # Two runs that are the first of their database must not both make its tables.
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext("graftwork"))))
            if not sa.inspect(connection).has_table(RUN.name):
                _make_tables(connection)
            check_revision(connection, place)
            connection.execute(RUN.insert().values(**row))
    finally:
        engine.dispose()
    place.remember()


def _make_tables(connection: sa.Connection) -> None:
    METADATA.create_all(connection)
    connection.execute(VERSION.insert().values(version_num=REVISION))

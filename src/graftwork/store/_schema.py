"""What a database of others may consist of: tables and indices without a program in them."""

from __future__ import annotations

import re
from functools import cache

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from graftwork.documents import short
from graftwork.store._tables import METADATA

_TOKEN = re.compile(r"\w+|\S")
# Of the first revision, and a constraint that alembic names.
_EARLIER = {"entry", "position", "schema_version", "alembic_version_pkc"}


def refuse_programs(connection: sa.Connection) -> None:
    """Refuse a SQLite file that holds more than plain tables and indices.

    A view or an expression in a check, a default, a generated column or an index is a program, which need
    not end. All of these need words that our own tables do not have.

    Raises:
        ValueError: It does; the first such thing is named.
    """
    for kind, name, text in connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master"):
        if kind not in ("table", "index"):
            raise ValueError(f"it holds a {short(kind)} called {short(name)}, which no run has")
        if odd := {*_TOKEN.findall(str(text or "").lower())} - _tokens():
            raise ValueError(f"its {kind} {short(name)} is none of a run's: {short(min(odd))}")


@cache
def _tokens() -> frozenset[str]:
    """All words and signs that our tables are made with."""
    made = [
        str(sa.schema.CreateTable(table).compile(dialect=sqlite.dialect()))
        for table in METADATA.sorted_tables
    ]
    made += [
        str(sa.schema.CreateIndex(index).compile(dialect=sqlite.dialect()))
        for table in METADATA.sorted_tables
        for index in table.indexes
    ]
    return frozenset(_EARLIER | {*_TOKEN.findall(" ".join(made).lower())})

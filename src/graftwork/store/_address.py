"""Addresses of database servers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from graftwork.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    import sqlalchemy as sa

_NAMES = ("postgresql", "postgres", "postgresql+psycopg")


@dataclass(frozen=True)
class Address:
    """Of a PostgreSQL database; its text holds no password.

    Example:
        >>> str(Address.parse("postgresql://ada:secret@example.org/runs"))
        'postgresql://ada@example.org/runs'
    """

    url: sa.URL = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The address that a text names.

        A password may be part of it, but is better left to PGPASSWORD or a password file, which
        PostgreSQL's library reads.

        Raises:
            InputError: It is no address of a PostgreSQL database.
        """
        import sqlalchemy as sa

        expected = "expected postgresql://USER@HOST/DATABASE"
        try:
            url = sa.make_url(text)
        except (sa.exc.ArgumentError, ValueError, AttributeError, TypeError) as error:
            raise InputError(f"The address of the database cannot be read; {expected}.") from error
        if url.drivername not in _NAMES or not url.database:
            shown = _without_password(url)
            raise InputError(f"The address of the database is {shown!r}, but {expected} is wanted.")
        return cls(url.set(drivername="postgresql"))

    def __str__(self) -> str:
        return _without_password(self.url)

    def driven(self) -> sa.URL:
        """With the driver that connects to it.

        Raises:
            MissingExtraError: The driver is not installed.
        """
        try:
            import psycopg
        except ImportError as error:
            raise MissingExtraError("postgresql", "keeping runs on a PostgreSQL server") from error
        return self.url.set(drivername=f"postgresql+{psycopg.__name__}")


def _without_password(url: sa.URL) -> str:
    return (
        type(url)
        .create(url.drivername, url.username, None, url.host, url.port, url.database, url.query)
        .render_as_string()
    )

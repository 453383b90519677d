"""Addresses of database servers."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

from graftwork.documents import short
from graftwork.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    import sqlalchemy as sa

# Anything else that PostgreSQL's library is told can name files to read, or other servers; it has variables
# in the environment for that, which no address from elsewhere sets.
_OPTIONS = ("host", "port", "sslmode")
_NAMES = ("postgresql", "postgres", "postgresql+psycopg")


@dataclass(frozen=True)
class Address:
    """Of a PostgreSQL database; its text holds no password.

    Attributes:
        url: Its parts.
        given: Whether the user gave it, and not a run folder, which may come from others.

    Example:
        >>> str(Address.parse("postgresql://ada:secret@example.org/runs"))
        'postgresql://ada@example.org/runs'
    """

    url: sa.URL = field(repr=False)
    given: bool = field(default=True, compare=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The address that a text names.

        A password may be part of it, but is better left to PGPASSWORD or a password file, which
        PostgreSQL's library reads.

        Raises:
            InputError: It is no address of a PostgreSQL database, or has other options than `host`, `port`
                and `sslmode`.
        """
        import sqlalchemy as sa

        expected = "expected postgresql://USER@HOST/DATABASE"
        try:
            url = sa.make_url(text)
        except (sa.exc.ArgumentError, ValueError, AttributeError, TypeError) as error:
            raise InputError(f"The address of the database cannot be read; {expected}.") from error
        if url.drivername not in _NAMES or not url.database:
            shown = _without_password(url)[:200]
            raise InputError(f"The address of the database is {shown!r}; {expected}.")
        _check_options(url)
        return cls(url.set(drivername="postgresql"))

    def __str__(self) -> str:
        return _without_password(self.url)

    def remembered(self) -> Self:
        """The same, of a run folder."""
        return replace(self, given=False)

    @property
    def arguments(self) -> dict[str, str]:
        """What the driver is told besides.

        A password in the environment is for the server that the environment names. To that of a folder,
        which may come from others, it would be given away; an empty password keeps it back, and leaves
        password files, whose lines say which server they are for.
        """
        own = {os.environ.get("PGHOST", ""), os.environ.get("PGHOSTADDR", "")} - {""}
        asked = {self.url.host, self.url.query.get("host")} - {None, ""}
        return {} if self.given or self.url.password or asked <= own else {"password": ""}

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


def _check_options(url: sa.URL) -> None:
    odd = [name for name, value in url.query.items() if name not in _OPTIONS or not isinstance(value, str)]
    if odd:
        raise InputError(
            f"The address of the database has the option {short(odd[0])}, or has it twice; expected no "
            f"others than {', '.join(_OPTIONS)}, each once. PostgreSQL's library takes the rest from "
            "variables of the environment, such as PGSSLROOTCERT."
        )
    if "=" in (url.database or ""):
        raise InputError("The address of the database has a name with '=' in it, which is none.")


def _without_password(url: sa.URL) -> str:
    return (
        type(url)
        .create(url.drivername, url.username, None, url.host, url.port, url.database, url.query)
        .render_as_string()
    )

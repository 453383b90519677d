"""Where runs are kept: a SQLite file, or a PostgreSQL server that the tests start themselves."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import pytest

from graftwork.store import Store

_PROGRAMS = [Path(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]


class Open(Protocol):
    """`Store.open`, in one kind of database."""

    def __call__(self, folder: Path, *, kind: str = ..., spec: dict[str, Any]) -> Store: ...


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Address of the database of a PostgreSQL server of its own, which listens on a socket file alone."""
    pytest.importorskip("psycopg", reason="needs graftwork[postgresql]")
    programs = [path for path in _PROGRAMS if (path / "initdb").exists()]
    if not programs:
        pytest.skip("needs a PostgreSQL server (Debian: apt-get install postgresql)")
    # The server refuses to be root's, and the path of a socket must be short.
    user = "postgres" if os.getuid() == 0 else None
    home = Path(tempfile.mkdtemp(prefix="pg"))
    if user:
        shutil.chown(home, user)
    run = partial(subprocess.run, check=True, user=user, cwd=home, stdout=subprocess.DEVNULL, timeout=60)
    options = f"-c listen_addresses='' -c unix_socket_directories='{home}' -c fsync=off"
    try:
        run([programs[0] / "initdb", "-D", home / "data", "-U", "graft", "-A", "trust", "-E", "UTF8"])
        run([programs[0] / "pg_ctl", "-D", home / "data", "-l", home / "log", "-o", options, "-w", "start"])
        try:
            run([programs[0] / "createdb", "-h", home, "-U", "graft", "runs"])
            yield f"postgresql://graft@/runs?host={home}"
        finally:
            run([programs[0] / "pg_ctl", "-D", home / "data", "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str | None:
    """The address that a store is given: none for SQLite."""
    return None if request.param == "sqlite" else str(request.getfixturevalue("server"))


@pytest.fixture
def open_store(database: str | None) -> Open:
    """Opens stores in either kind of database."""

    def opened(folder: Path, *, kind: str = "study", spec: dict[str, Any]) -> Store:
        return Store.open(folder, kind=kind, spec=spec, database=database)

    return opened

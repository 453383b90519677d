"""Folders of others may say where their rows are: what they lead to is no file, no program, no password."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graftwork.errors import InputError
from graftwork.store import Store
from graftwork.store._address import Address
from graftwork.store._folder import Location, find

NAME = "0" * 32
HERE = "postgresql://ada@example.org/runs"


def pointing(folder: Path, database: object, name: object = NAME) -> Path:
    (folder / "graftwork.json").write_text(json.dumps({"database": database, "run": name}))
    return folder


@pytest.mark.parametrize(
    "option",
    [
        *("plugin=os", "passfile=/etc/shadow", "service=x", "servicefile=/x", "sslkey=/x", "sslcert=/x"),
        *("options=-csearch_path=x", "password=secret", "sslrootcert=/dev/zero", "host=a&host=b", "user=x"),
    ],
)
def test_options_that_name_files_or_programs_are_refused(tmp_path: Path, option: str) -> None:
    with pytest.raises(InputError, match="expected no others than host, port, sslmode") as refusal:
        Address.parse(f"{HERE}?{option}")
    assert "secret" not in str(refusal.value)
    with pytest.raises(InputError, match="does not say where its run is"):
        Store.read(pointing(tmp_path, f"{HERE}?{option}"))


@pytest.mark.parametrize(
    "database", [None, 3, [], {}, "x" * 9000, f"{HERE}/{'x' * 9000}?a=b", "sqlite:///x.db"]
)
def test_odd_addresses_are_refused_in_short(tmp_path: Path, database: object) -> None:
    with pytest.raises(InputError) as refusal:
        Store.read(pointing(tmp_path, database))
    assert len(str(refusal.value)) < 600


@pytest.mark.parametrize("name", ["x" * 9000, "²" * 32, "A" * 32, None, ["0"] * 32])
def test_odd_names_are_refused_in_short(tmp_path: Path, name: object) -> None:
    with pytest.raises(InputError, match="does not say where its run is") as refusal:
        Store.read(pointing(tmp_path, HERE, name))
    assert len(str(refusal.value)) < 600


def test_a_database_is_no_list_of_options() -> None:
    with pytest.raises(InputError, match="none"):
        Address.parse("postgresql://ada@example.org/host%3Devil passfile%3D/x")


@pytest.mark.parametrize(
    ("database", "host", "sent"),
    [
        (HERE, None, False),
        (HERE, "elsewhere.org", False),
        (HERE, "example.org", True),
        ("postgresql://ada@/runs?host=/tmp/x", None, False),
        ("postgresql://ada@example.org/runs?host=other.org", "example.org", False),
        ("postgresql://ada@/runs", None, True),
    ],
)
def test_a_password_of_the_environment_goes_to_its_server_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: str, host: str | None, sent: bool
) -> None:
    for name in ("PGHOST", "PGHOSTADDR"):
        monkeypatch.delenv(name, raising=False)
    if host:
        monkeypatch.setenv("PGHOST", host)
    place = find(pointing(tmp_path, database))
    assert place.address is not None
    assert place.address.arguments == ({} if sent else {"password": ""})
    # Whoever gives the address himself knows where it leads.
    given = find(tmp_path, Address.parse(database))
    assert given.address is not None
    assert given.address.arguments == {}


def test_an_empty_password_keeps_that_of_the_environment_back(monkeypatch: pytest.MonkeyPatch) -> None:
    pq = pytest.importorskip("psycopg.pq")
    monkeypatch.setenv("PGPASSWORD", "secret")
    told: dict[str, Any] = {}
    for options in (b"host=/none", b"host=/none password=''"):
        connection = pq.PGconn.connect_start(options)
        told[options.decode()] = connection.password
        connection.finish()
    assert told == {"host=/none": b"secret", "host=/none password=''": b""}


def test_a_pointer_is_not_written_through_a_link(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("mine")
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / ".graftwork.json.new").symlink_to(other)
    Location(folder, NAME, Address.parse(HERE)).remember()
    assert other.read_text() == "mine"
    assert find(folder).address == Address.parse(HERE)

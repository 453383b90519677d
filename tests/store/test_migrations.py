"""Tables of earlier versions: what leads from them to those of today, and what it keeps."""

from __future__ import annotations

import json
import sqlite3
import tarfile
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from graftwork.errors import InputError
from graftwork.search import load_search
from graftwork.store import Store, upgrade
from graftwork.store._address import Address
from graftwork.store._tables import METADATA
from graftwork.store._upgrade import migrate
from graftwork.study import load_study
from graftwork.study.record import record_to_payload

DATA = Path(__file__).parent / "data"


@pytest.fixture
def previous(tmp_path: Path) -> Path:
    """A search and a study as the first revision kept them."""
    with tarfile.open(DATA / "revision_0001.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path


def expected() -> dict[str, Any]:
    """What the Graftwork of that time read in them."""
    found: dict[str, Any] = json.loads((DATA / "revision_0001.json").read_text())
    return found


@pytest.fixture
def empty(database: str | None, tmp_path: Path) -> sa.Engine:
    """A database with nothing in it."""
    if database is None:
        return sa.create_engine(f"sqlite:///{tmp_path / 'empty.db'}")
    url = Address.parse(database).driven()
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("drop database if exists migrated")
        connection.exec_driver_sql("create database migrated")
    return sa.create_engine(url.set(database="migrated"), poolclass=sa.NullPool)


@pytest.mark.parametrize("stops", [["head"], ["0001", "head"]])
def test_migrations_lead_to_the_tables_that_are_written(empty: sa.Engine, stops: list[str]) -> None:
    with empty.begin() as connection:
        for stop in stops:
            migrate(connection, to=stop)
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
        assert {*sa.inspect(connection).get_table_names()} == {*METADATA.tables}
    empty.dispose()


def test_what_an_earlier_version_kept_is_carried_over_to_either_database(
    empty: sa.Engine, previous: Path
) -> None:
    """Rows of an old file in the old tables of another database come out as in an upgraded file."""
    with sqlite3.connect(previous / "search" / "graftwork.db") as old:
        old.row_factory = sqlite3.Row
        run = dict(old.execute("select * from run").fetchone())
        entries = [dict(row) for row in old.execute("select * from entry order by position")]
    old.close()
    run["finished"] = bool(run["finished"])
    with empty.begin() as connection:
        migrate(connection, to="0001")
        tables = sa.MetaData()
        tables.reflect(connection)
        connection.execute(tables.tables["run"].insert(), [run])
        connection.execute(tables.tables["entry"].insert(), entries)
        migrate(connection)
        found = rows(connection)
    empty.dispose()
    upgrade(previous / "search")
    engine = sa.create_engine(f"sqlite:///{previous / 'search' / 'graftwork.db'}")
    with engine.connect() as connection:
        assert rows(connection) == found
    engine.dispose()
    assert len(found["candidate"]) == len(entries)


def rows(connection: sa.Connection) -> dict[str, list[dict[str, Any]]]:
    return {
        name: [
            dict(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key)).mappings()
        ]
        for name, table in METADATA.tables.items()
    }


def test_a_search_of_an_earlier_version_reads_as_it_did(previous: Path) -> None:
    old = upgrade(previous / "search")
    assert old == previous / "search" / "graftwork.db.0001"
    told, result = expected(), load_search(previous / "search")
    candidates = result.candidates
    assert [c.number for c in result.front] == told["front"]
    assert [[m.evaluations, m.steps, m.seconds, m.hypervolume] for m in result.history] == [
        [*rest, pytest.approx(volume, abs=1e-12)] for *rest, volume in told["history"]
    ]
    assert [c.parent for c in candidates] == told["parents"]
    applications = [c.application for c in candidates]
    assert [a and a.operator for a in applications] == told["operators"]
    assert [a and [*a.site.nodes] for a in applications] == told["sites"]
    skills = [{name: score.decision_skill for name, score in c.outcome.scores.items()} for c in candidates]
    assert skills == told["skills"]
    diagnoses = [c.outcome.diagnosis for c in candidates]
    assert [d and len(d.findings) for d in diagnoses] == told["findings"]
    number, scores, steps = told["best"]
    assert (result.best.number, result.best.steps) == (number, steps)
    best = {
        split: {name: score.skill for name, score in of.items()} for split, of in result.best.scores.items()
    }
    assert best == scores


def test_a_study_of_an_earlier_version_reads_as_it_did(previous: Path) -> None:
    upgrade(previous / "study")
    study = load_study(previous / "study")
    assert [plain(record_to_payload(record)) for record in study.records] == [
        plain(record) for record in expected()["records"]
    ]


def plain(record: dict[str, Any]) -> dict[str, Any]:
    return record | {"affected": sorted(record["affected"])}


def test_it_is_refused_until_it_is_upgraded_and_then_nothing_is_left_to_do(previous: Path) -> None:
    folder = previous / "search"
    before = (folder / "graftwork.db").read_bytes()
    for opened in (lambda: Store.read(folder), lambda: Store.open(folder, kind="search", spec={})):
        with pytest.raises(InputError, match=r"made by an earlier Graftwork.*graftwork upgrade"):
            opened()
    assert (folder / "graftwork.db").read_bytes() == before
    assert upgrade(folder) is not None
    after = (folder / "graftwork.db").read_bytes()
    assert upgrade(folder) is None
    assert (folder / "graftwork.db").read_bytes() == after
    assert not (folder / ".graftwork.db.new").exists()


def test_what_the_log_holds_is_not_lost(previous: Path) -> None:
    """A run that was killed leaves its last entries in the log beside the file."""
    path = previous / "search" / "graftwork.db"
    writer = sqlite3.connect(path)
    writer.execute("PRAGMA journal_mode=WAL")
    writer.execute("update entry set reason = 'from the log' where key = 'candidate/3'")
    writer.commit()
    copies = {name: path.with_name(name).read_bytes() for name in ("graftwork.db", "graftwork.db-wal")}
    writer.close()
    for name, data in copies.items():
        path.with_name(name).write_bytes(data)
    upgrade(previous / "search")
    with Store.read(previous / "search") as store:
        entry = store.get("candidate/3")
    assert entry is not None
    assert entry.reason == "from the log"


def test_what_cannot_be_upgraded_stays_as_it_is(previous: Path) -> None:
    path = previous / "search" / "graftwork.db"
    with sqlite3.connect(path) as connection:
        connection.execute("update entry set payload = '{' where key = 'candidate/3'")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(Exception, match="it is as it was"):
        upgrade(previous / "search")
    assert path.read_bytes() == before


def test_a_run_of_a_later_version_is_refused(tmp_path: Path) -> None:
    Store.open(tmp_path, kind="study", spec={}).close()
    with sqlite3.connect(tmp_path / "graftwork.db") as connection:
        connection.execute("update alembic_version set version_num = '0999'")
    connection.close()
    with pytest.raises(InputError, match="no run that this Graftwork could bring up to date"):
        upgrade(tmp_path)


def test_a_run_that_is_being_written_to_is_not_upgraded(previous: Path) -> None:
    Store.open(previous / "new", kind="study", spec={}).close()
    writer = Store.open(previous / "new", kind="study", spec={})
    with writer, pytest.raises(InputError, match="is being written to"):
        upgrade(previous / "new")
    with pytest.raises(InputError, match="not a run folder"):
        upgrade(previous / "nothing")

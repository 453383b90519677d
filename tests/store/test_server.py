"""What is particular to runs that are kept on a PostgreSQL server."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.search.runs import essence, run

from graftwork.errors import InputError, MissingExtraError, RunError
from graftwork.search import load_search
from graftwork.store import Store, collect, upgrade
from graftwork.store._address import Address
from graftwork.store._engines import server_engine


def test_several_runs_share_a_database_and_do_not_see_each_other(server: str, tmp_path: Path) -> None:
    for name in ("one", "two"):
        with Store.open(tmp_path / name, kind="study", spec={"name": name}, database=server) as store:
            store.add("c", {"name": name})
            store.add_record("r", {"name": name})
            store.finish({"name": name})
    for name in ("one", "two"):
        with Store.read(tmp_path / name) as store:
            assert store.spec == store.summary == {"name": name}
            assert [entry.payload for entry in store.entries()] == [{"name": name}]
            assert [record.payload for record in store.records()] == [{"name": name}]


def test_a_second_writer_is_refused_from_whatever_folder(server: str, tmp_path: Path) -> None:
    """The lock of the folder does not reach other machines; here a copy of the folder stands for one."""
    with Store.open(tmp_path / "one", kind="study", spec={}, database=server):
        shutil.copytree(tmp_path / "one", tmp_path / "copy")
        with pytest.raises(InputError, match=r"is being written to by process \d+ on "):
            Store.open(tmp_path / "copy", kind="study", spec={}, database=server)
        with Store.read(tmp_path / "copy") as viewer:
            assert viewer.entries() == []
    Store.open(tmp_path / "copy", kind="study", spec={}, database=server).close()


def test_a_writer_whose_connection_was_lost_does_not_write_without_the_lock(
    server: str, tmp_path: Path
) -> None:
    """Another one may hold it by then. What is told is no bad input, for the run had begun."""
    for fails in (lambda store: store.add("c1", {}), lambda store: store.entries()):
        with Store.open(tmp_path, kind="study", spec={}, database=server) as store:
            cut_off(server)
            for act in (fails, lambda store: store.add("c2", {}), lambda store: store.finish({})):
                with pytest.raises(
                    RunError, match=r"connection to run .* was lost; what was written is kept"
                ):
                    act(store)
    with Store.open(tmp_path, kind="study", spec={}, database=server) as store:
        assert store.add("c1", {}) == store.get("c1")
        assert not store.finished


def cut_off(server: str) -> None:
    """End the sessions of writers, as a server does that is started anew."""
    engine = server_engine(Address.parse(server), mode="ro")
    with engine.connect() as connection:
        query = (
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'process %%'"
        )
        assert connection.exec_driver_sql(query).scalars().all() == [True]
    engine.dispose()


def test_a_viewer_has_no_means_to_change_anything(server: str, tmp_path: Path) -> None:
    Store.open(tmp_path, kind="study", spec={}, database=server).close()
    engine = server_engine(Address.parse(server), mode="ro")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("select count(*) from run").scalar_one() > 0
        with pytest.raises(sa.exc.InternalError, match="read-only transaction"):
            connection.exec_driver_sql("update run set finished = true")
    engine.dispose()


def test_the_folder_remembers_the_database_and_no_password(server: str, tmp_path: Path) -> None:
    secret = server.replace("graft@", "graft:secret@")
    Store.open(tmp_path, kind="study", spec={}, database=secret).close()
    assert "secret" not in "".join(p.read_text(errors="replace") for p in tmp_path.iterdir())
    # Also without the address, and with and without the password.
    for database in (None, server, secret):
        Store.open(tmp_path, kind="study", spec={}, database=database).close()
    with pytest.raises(InputError, match=r"holds its run at postgresql://graft@.* was asked for"):
        Store.open(tmp_path, kind="study", spec={}, database=server.replace("/runs", "/others"))


def test_no_refusal_tells_a_password(server: str, tmp_path: Path) -> None:
    secret = server.replace("graft@", "nobody:secret@")
    for database in (
        secret,
        secret.replace("postgresql:", "mysql:"),
        secret.replace("?host=", "?host=/none"),
    ):
        with pytest.raises(InputError) as caught:
            Store.open(tmp_path / "run", kind="study", spec={}, database=database)
        assert "secret" not in str(caught.value)
        assert not (tmp_path / "run" / "graftwork.json").exists()


@pytest.mark.parametrize(
    "database", ["", "runs", "sqlite:///x.db", "postgresql://host", "postgresql://[", "%"]
)
def test_what_is_no_address_is_refused(database: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected postgresql://USER@HOST/DATABASE"):
        Address.parse(database)


def test_a_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Could not make run .* at postgresql://ada@/runs.*No such file"):
        Store.open(tmp_path, kind="study", spec={}, database=f"postgresql://ada:x@/runs?host={tmp_path}/none")


def test_a_driver_that_is_not_installed_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtraError, match=r"graftwork\[postgresql\]"):
        Store.open(tmp_path, kind="study", spec={}, database="postgresql://ada@/runs")


def test_a_database_of_something_else_is_left_alone(server: str, tmp_path: Path) -> None:
    with connected(server) as connection:
        connection.exec_driver_sql("create database foreign_")
    other = server.replace("/runs", "/foreign_")
    with connected(other) as connection:
        connection.exec_driver_sql("create table run (id int)")
        with pytest.raises(InputError, match="other tables than a run's"):
            Store.open(tmp_path, kind="study", spec={}, database=other)
        assert sa.inspect(connection).get_table_names() == ["run"]


@contextmanager
def connected(address: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(
        Address.parse(address).driven(), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool
    )
    with engine.connect() as connection:
        yield connection


def test_a_pointer_that_leads_nowhere_is_refused(server: str, tmp_path: Path) -> None:
    Store.open(tmp_path, kind="study", spec={}, database=server).close()
    path = tmp_path / "graftwork.json"
    told = json.loads(path.read_text())
    for text in (
        "",
        "[]",
        "{}",
        "[" * 100_000,
        json.dumps(told | {"run": "../x"}),
        json.dumps(told | {"run": 3}),
    ):
        path.write_text(text)
        with pytest.raises(InputError, match="does not say where its run is"):
            Store.read(tmp_path)
    path.write_text(json.dumps(told | {"run": "0" * 32}))
    with pytest.raises(InputError, match="cannot be read"):
        Store.read(tmp_path)


def test_nothing_is_collected_or_upgraded_while_another_machine_writes(server: str, tmp_path: Path) -> None:
    with Store.open(tmp_path / "one", kind="study", spec={}, database=server):
        copy = shutil.copytree(tmp_path / "one", tmp_path / "copy")
        for use in (collect, upgrade):
            with pytest.raises(InputError, match="is being written to by"):
                use(copy)


def test_weights_are_collected_and_upgrades_find_nothing_to_do(server: str, tmp_path: Path) -> None:
    Store.open(tmp_path, kind="study", spec={}, database=server).close()
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / f"{'0' * 64}.safetensors").write_bytes(b"half")
    assert len(collect(tmp_path).files) == 1
    assert upgrade(tmp_path) is None


def test_a_search_is_the_same_as_in_a_file(server: str, tmp_path: Path) -> None:
    result = run(tmp_path / "server", database=server)
    assert essence(result) == essence(run(tmp_path / "file")) == essence(load_search(tmp_path / "server"))
    assert essence(run(tmp_path / "server")) == essence(result)

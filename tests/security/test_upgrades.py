"""Old databases of others: one that cannot be carried over stays as it is, and nothing is left of the try."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest
from tests.security.spoiling import ask
from tests.security.test_stored_rows import ENDLESS, VALUES

from graftwork.errors import GraftworkError, InputError, RunError
from graftwork.store import upgrade

OLD = Path(__file__).parents[1] / "store" / "data" / "revision_0001.tar.gz"


@pytest.fixture
def previous(tmp_path: Path) -> Path:
    with tarfile.open(OLD) as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path


def left_alone(folder: Path) -> str:
    before = (folder / "graftwork.db").read_bytes()
    with pytest.raises((RunError, InputError)) as refusal:
        upgrade(folder)
    assert (folder / "graftwork.db").read_bytes() == before
    # A reader leaves the index of the log of such a file, empty.
    left = {path.name for path in folder.glob("*graftwork.db*")}
    assert left <= {"graftwork.db", "graftwork.db-wal", "graftwork.db-shm"}
    assert len(str(refusal.value)) < 1000
    return str(refusal.value)


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize(("table", "column"), [("run", "spec"), ("run", "environment"), ("entry", "payload")])
def test_what_cannot_be_carried_over_stays(previous: Path, table: str, column: str, value: str) -> None:
    if VALUES[value] is None or value == "none":
        pytest.skip("that table takes no NULL")
    ask(previous / "search", f"UPDATE {table} SET {column} = ?", VALUES[value])
    assert "it is as it was" in left_alone(previous / "search")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET key = CAST(key AS BLOB)",
        "UPDATE entry SET payload = json_set(payload, '$.outcome', 3)",
        "UPDATE entry SET payload = json_set(payload, '$.parent', 999)",
        "UPDATE entry SET payload = json_set(payload, '$.outcome.steps', 1e400)",
        "UPDATE run SET spec = json_set(spec, '$.settings.space.max_parameters', 0)",
        "UPDATE run SET spec = json_set(spec, '$.settings.space.max_parameters', 1e300, "
        "'$.settings.space.min_parameters', 1e300)",
        "DELETE FROM run",
        "UPDATE run SET schema_version = 'x'",
        f"CREATE VIEW more AS {ENDLESS} i FROM n",
        "CREATE TRIGGER more AFTER DELETE ON entry BEGIN DELETE FROM run; END",
        "CREATE TABLE more (a CHECK (a LIKE '%a%a%a%b'))",
        "CREATE TABLE alembic_version (version_num TEXT)",
    ],
)
def test_what_makes_no_sense_stays(previous: Path, statement: str) -> None:
    ask(previous / "search", statement)
    if "alembic" in statement:
        ask(previous / "search", "INSERT INTO alembic_version VALUES ('../../x')")
    left_alone(previous / "search")


@pytest.mark.parametrize("version", ["0000", "../../x", b"0001", 1, "0001\n"])
def test_revisions_that_never_were_are_refused(previous: Path, version: object) -> None:
    upgrade(previous / "search")
    (previous / "search" / "graftwork.db.0001").unlink()
    ask(previous / "search", "UPDATE alembic_version SET version_num = ?", version)
    left_alone(previous / "search")


def test_what_is_kept_of_the_old_is_not_written_through_a_link(previous: Path) -> None:
    other = previous / "other"
    other.write_text("mine")
    (previous / "search" / "graftwork.db.0001").symlink_to(other)
    upgrade(previous / "search")
    assert other.read_text() == "mine"


def test_a_view_in_place_of_the_entries_is_not_asked(previous: Path) -> None:
    ask(previous / "search", "DROP TABLE entry")
    columns = "i AS position, 'a' AS key, 'done' AS status, NULL AS reason, '{}' AS payload, NULL AS weights"
    ask(previous / "search", f"CREATE VIEW entry AS {ENDLESS} {columns} FROM n WHERE i < 0")
    with pytest.raises(GraftworkError, match="holds a 'view' called 'entry'"):
        upgrade(previous / "search")

"""Databases of others: whatever their rows hold, a run is read or refused, and soon."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.security.spoiling import ask

from graftwork.errors import InputError
from graftwork.store import Store, collect

DEEP = '{"a":' * 10_000 + "0" + "}" * 10_000
VALUES = {
    "deep": DEEP,
    "deep lists": f'{{"a": {"[" * 100_000}{"]" * 100_000}}}',
    "a blob": b"\x80\x04\x95",
    "a blob of JSON": b'{"a": 1}',
    "a number": 7,
    "a number of 100,000 digits": f'{{"a": {"9" * 100_000}}}',
    "half a character": '{"a": "\\ud800"}',
    "infinite": '{"a": 1e999}',
    "no object": "[]",
    "empty": "",
}
COLUMNS = ["spec", "environment", "summary", "payload"]
TEXTS = ["key", "status", "reason", "weights"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Store.open(tmp_path, kind="search", spec={"seed": 7}) as store:
        store.add("first", {"a": 1})
        store.finish({"entries": 1})
    return tmp_path


def used(folder: Path) -> None:
    """Read all there is; the values that come back are those that JSON and the columns have."""
    with Store.read(folder) as store:
        assert isinstance(store.kind, str)
        json.dumps([store.spec, store.environment, store.summary], allow_nan=False).encode()
        for entry in store.entries():
            json.dumps(entry.payload, allow_nan=False).encode()
            assert isinstance(entry.key, str)
            assert isinstance(entry.status, str)
            assert entry.reason is None or isinstance(entry.reason, str)
            assert entry.weights is None or isinstance(entry.weights, str)


def read_or_refused(use: Callable[[Path], object], folder: Path) -> None:
    try:
        use(folder)
    except InputError as error:
        refusal = str(error)
    else:
        refusal = ""
    assert len(refusal) < 5000


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("value", VALUES)
def test_what_a_row_holds_is_read_or_refused(folder: Path, column: str, value: str) -> None:
    table = "entry" if column == "payload" else "run"
    ask(folder, f"UPDATE {table} SET {column} = ?", VALUES[value])
    read_or_refused(used, folder)


@pytest.mark.parametrize("column", TEXTS)
@pytest.mark.parametrize("value", [b"first", b"\xff", "\x00", "a\ud7ff" * 10])
def test_texts_that_are_none_are_refused(folder: Path, column: str, value: object) -> None:
    ask(folder, f"UPDATE entry SET {column} = ?", value)
    read_or_refused(used, folder)
    read_or_refused(collect, folder)


def test_going_on_with_a_run_whose_spec_is_deep_is_refused(folder: Path) -> None:
    ask(folder, "UPDATE run SET spec = ?", DEEP)
    with pytest.raises(InputError):
        Store.open(folder, kind="search", spec={"seed": 7})


@pytest.mark.parametrize("spec", ["deep", "itself"])
def test_a_spec_that_is_too_deep_to_store_is_refused(tmp_path: Path, spec: str) -> None:
    value: dict[str, object] = {}
    inner = value
    for _ in range(10_000):
        inner["a"] = inner = {}
    if spec == "itself":
        inner["a"] = value
    with pytest.raises(InputError):
        Store.open(tmp_path, kind="search", spec=value)


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT"


def test_a_view_that_never_ends_is_not_asked(folder: Path) -> None:
    """A table can be a view, and a view any program: one that counts for ever answers to no look."""
    ask(folder, "DROP TABLE entry")
    columns = "i AS position, 'a' AS key, 'done' AS status, NULL AS reason, '{}' AS payload, NULL AS weights"
    ask(folder, f"CREATE VIEW entry AS {ENDLESS} {columns} FROM n WHERE i < 0")
    code = "import sys; from pathlib import Path; from tests.security.test_stored_rows import used; "
    code += "from graftwork.errors import InputError\ntry: used(Path(sys.argv[1]))\n"
    code += "except InputError: print('refused')"
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        capture_output=True,
        text=True,
        timeout=20,
        env={"PYTHONPATH": ":".join([root, *sys.path])},
    )
    assert done.stdout.strip() == "refused", done.stderr

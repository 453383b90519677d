"""Databases of others: whatever their rows hold, a run is read or refused, and soon."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.security.spoiling import ask, changed_schema, copied

from graftwork.errors import GraftworkError, InputError
from graftwork.store import Details, Entry, Evaluation, Figure, Milestone, Store, collect, upgrade
from graftwork.store._tables import METADATA

DEEP = '{"a":' * 10_000 + "0" + "}" * 10_000
VALUES = {
    "nothing": None,
    "deep": DEEP,
    "deep, but not for a parser": '{"a":' * 500 + "0" + "}" * 500,
    "deep lists": f'{{"a": {"[" * 100_000}{"]" * 100_000}}}',
    "deep lists alone": "[" * 100_000 + "]" * 100_000,
    "a blob": b"\x80\x04\x95",
    "a blob of JSON": b'{"a": 1}',
    "a number": 7,
    "a negative number": -(2**63),
    "the greatest number": 2**63 - 1,
    "a real number": 0.5,
    "an infinite one": float("inf"),
    "none": float("nan"),
    "a number of 100,000 digits": f'{{"a": {"9" * 100_000}}}',
    "half a character": '{"a": "\\ud800"}',
    "infinite": '{"a": 1e999}',
    "infinite objectives": "[1e999, NaN]",
    "no object": "[]",
    "empty": "",
    "long": "x" * 100_000,
    "zero byte": "\x00",
}
PLACES = [(table.name, column.name) for table in METADATA.sorted_tables for column in table.columns]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with a row in every table and a value in every column."""
    folder = tmp_path_factory.mktemp("rows") / "run"
    score = Evaluation(
        split="validation",
        output="y",
        kind="regression",
        metric="mse",
        value=1.0,
        skill=0.5,
        decision="mse",
        decision_value=1.0,
        decision_skill=0.5,
        metrics={"a": 1.0},
    )
    details = Details(
        number=0,
        parent=0,
        founder=0,
        operator="o",
        site={"kind": "model"},
        seed=1,
        architecture={},
        hash="h",
        steps=1,
        seconds=1.0,
        training_seconds=1.0,
        evaluations=(score,),
        diagnosis=(Figure(component="n", output="y", metric="m", value=1.0, error=0.0),),
        joined=True,
        objectives=(0.5, 0.5),
        standing=Milestone(evaluations=1, steps=1, seconds=1.0, hypervolume=0.25),
    )
    with Store.open(folder, kind="search", spec={"seed": 7}, guidelines={"d": "{}"}) as store:
        store.add("first", {"a": 1}, details=details, reason="why")
        store.add_record("line", {"operator": "o", "parent": 0, "trial": 0, "problem": "p", "status": "s"})
        store.finish({"entries": 1})
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    return copied(whole, tmp_path / "run")


def used(folder: Path) -> None:
    """Read all there is; the values that come back are those that JSON and the columns have."""
    with Store.read(folder) as store:
        assert isinstance(store.kind, str)
        told = [store.spec, store.environments(), store.summary, store.finished, store.guidelines()]
        json.dumps(told, allow_nan=False).encode()
        for entry in [*store.entries(), *store.numbered(""), *store.front("")]:
            check(entry)
        for record in store.records():
            json.dumps([record.key, record.payload], allow_nan=False).encode()
        listed = [vars(each) for each in (*store.places(""), *store.latest("", 5), *store.standings(""))]
        json.dumps(listed, allow_nan=False).encode()
        assert all(isinstance(key, str) and count > 0 for key, count in store.statuses("").items())
        store.knows("", "h", told=1)


def check(entry: Entry) -> None:
    details = entry.details
    json.dumps([entry.payload, details.site, details.architecture], allow_nan=False).encode()
    json.dumps([*map(vars, (*details.evaluations, *details.diagnosis))], allow_nan=False).encode()
    texts = (entry.reason, entry.weights, details.operator, details.hash)
    assert all(text is None or isinstance(text, str) for text in texts)
    assert {type(entry.key), type(entry.status), type(details.arm)} == {str}
    whole = (details.number, details.parent, details.founder, details.seed, details.steps)
    assert {type(number) for number in whole} <= {int, type(None)}
    assert {type(details.seconds), type(details.training_seconds)} <= {float, type(None)}


def read_or_refused(use: Callable[[Path], object], folder: Path) -> None:
    try:
        use(folder)
    except GraftworkError as error:
        refusal = str(error)
    else:
        refusal = ""
    assert len(refusal) < 3000


def go_on(folder: Path) -> None:
    with Store.open(folder, kind="search", spec={"seed": 7}) as store:
        store.add("another", {})
        store.finish({})


WRITERS = (collect, upgrade, go_on)


@pytest.mark.parametrize(("table", "column"), PLACES)
def test_what_a_row_holds_is_read_or_refused(folder: Path, table: str, column: str) -> None:
    """Also where the schema lets in what ours does not."""
    changed_schema(folder, table, lambda text: text.replace(" NOT NULL", ""))
    kept = (folder / "graftwork.db").read_bytes()
    for value in VALUES.values():
        (folder / "graftwork.db").write_bytes(kept)
        if not tried(folder, f'UPDATE "{table}" SET "{column}" = ?', value):
            continue
        for use in (used, *(WRITERS if table in ("run", "alembic_version") else ())):
            read_or_refused(use, folder)


def tried(folder: Path, statement: str, value: object) -> bool:
    try:
        ask(folder, statement, value)
    except sqlite3.IntegrityError:  # of a key, which SQLite itself holds to numbers
        return False
    return True


def test_a_text_that_is_none_is_refused(folder: Path) -> None:
    ask(folder, "UPDATE candidate SET reason = CAST(x'eda080' AS TEXT)")
    with pytest.raises(InputError, match="decode"):
        used(folder)


def test_going_on_with_a_run_whose_spec_is_deep_is_refused(folder: Path) -> None:
    ask(folder, "UPDATE run SET spec = ?", DEEP)
    with pytest.raises(InputError):
        Store.open(folder, kind="search", spec={"seed": 7})


def test_a_spec_of_which_all_differs_is_told_in_part(folder: Path) -> None:
    ask(folder, "UPDATE run SET spec = ?", json.dumps({f"{n}" * 1000: "x" * 1000 for n in range(200)}))
    with pytest.raises(InputError, match="and 181 more") as refusal:
        Store.open(folder, kind="search", spec={"seed": 7})
    assert len(str(refusal.value)) < 10_000


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


@pytest.mark.parametrize("value", ["\ud800", {"\ud800": 1}, 0.1, [[0.1]]])
def test_what_is_written_can_be_read(tmp_path: Path, value: object) -> None:
    with Store.open(tmp_path, kind="search", spec={}) as store:
        try:
            store.add("a", {"value": value})
        except InputError as error:
            assert "half a character" in str(error)  # noqa: PT017
    used(tmp_path)


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT"
PROGRAMS = {
    "view": f"CREATE VIEW more AS {ENDLESS} i FROM n WHERE i < 0",
    "trigger": "CREATE TRIGGER more AFTER UPDATE ON run BEGIN DELETE FROM candidate; END",
    "check": "CREATE TABLE more (a, CHECK (a LIKE '%a%a%a%a%a%a%b'))",
    "default": "CREATE TABLE more (a DEFAULT (randomblob(1000000000)))",
    "generated column": "CREATE TABLE more (a, b AS (printf('%.*c', 1000000000, 'x')))",
    "index": "CREATE INDEX more ON candidate (length(key))",
    "partial index": "CREATE INDEX more ON candidate (key) WHERE key LIKE '%a%a%a%b'",
    "virtual table": "CREATE VIRTUAL TABLE more USING fts5(a)",
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_file_with_a_program_in_it_is_refused(folder: Path, program: str) -> None:
    ask(folder, PROGRAMS[program])
    with pytest.raises(InputError, match=r"more|fts5"):
        used(folder)
    before = (folder / "graftwork.db").read_bytes()
    for use in (go_on, upgrade):
        with pytest.raises(GraftworkError, match=r"more|fts5"):
            use(folder)
    assert (folder / "graftwork.db").read_bytes() == before
    assert not list(folder.glob(".graftwork.db.new*"))


def test_a_view_that_never_ends_is_not_asked(folder: Path) -> None:
    """A table can be a view, and a view any program: one that counts for ever answers to no look."""
    columns = ", ".join(f'NULL AS "{name}"' for table, name in PLACES if table == "candidate")
    ask(folder, "DROP TABLE candidate")
    ask(folder, f"CREATE VIEW candidate AS {ENDLESS} {columns} FROM n WHERE i < 0")
    code = "import sys; from graftwork.store import Store; from graftwork.errors import InputError\n"
    code += "try: Store.read(sys.argv[1]).entries()\nexcept InputError: print('refused')"
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        capture_output=True,
        text=True,
        timeout=60,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert done.stdout.strip() == "refused", done.stderr

"""What cannot be a run is refused, by name, and nothing of it is changed."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graftwork.errors import InputError
from graftwork.store import Store

SPEC = {"seed": 7, "problem": {"name": "digits", "rows": 100}, "policies": ["random"]}


def make(folder: Path) -> None:
    with Store.open(folder, kind="study", spec=SPEC) as store:
        for number in range(20):
            store.add(f"c{number}", {"text": "x" * 1000})


def snapshot(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def refuse_unchanged(folder: Path, match: str, **asked: Any) -> str:
    before = snapshot(folder)
    with pytest.raises(InputError, match=match) as caught:
        Store.open(folder, **({"kind": "study", "spec": SPEC} | asked))
    assert snapshot(folder) == before
    return str(caught.value)


def test_the_same_call_goes_on(tmp_path: Path) -> None:
    make(tmp_path)
    reordered = dict(reversed(SPEC.items())) | {"policies": ("random",)}
    with Store.open(tmp_path, kind="study", spec=reordered) as store:
        assert len(store.entries()) == 20
        store.add("another", {})


def test_every_key_that_differs_is_named_with_both_values(tmp_path: Path) -> None:
    make(tmp_path)
    spec = {"seed": 8, "problem": {"name": "fashion-mnist", "rows": 100}, "new": None}
    message = refuse_unchanged(tmp_path, "holds another run", spec=spec)
    assert "seed is 7 there, but 8 was asked for" in message
    assert 'problem.name is "digits" there, but "fashion-mnist" was asked for' in message
    assert 'policies is ["random"] there, but absent was asked for' in message
    assert "new is absent there, but null was asked for" in message
    assert "rows" not in message
    assert "kind" not in message


def test_another_kind_is_refused_with_the_hint(tmp_path: Path) -> None:
    make(tmp_path)
    message = refuse_unchanged(
        tmp_path,
        'kind is "study" there, but "search"',
        kind="search",
        spec={"seed": 8},
        hint="name another with --out",
    )
    assert message.endswith("otherwise name another with --out.")
    # Of another kind every key differs, and none but the kind helps the reader.
    assert "seed" not in message


def test_a_viewer_refuses_other_kinds(tmp_path: Path) -> None:
    make(tmp_path)
    with pytest.raises(InputError, match="holds a study, but a comparison or search was expected"):
        Store.read(tmp_path, kinds={"search", "comparison"})
    with Store.read(tmp_path, kinds={"study"}) as store:
        assert store.kind == "study"


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    for name in "abcde":
        (tmp_path / f"{name}.txt").write_text("mine")
    refuse_unchanged(tmp_path, re.escape("holds files but no run (a.txt, b.txt, c.txt and 2 more)"))


def test_files_beside_a_run_do_no_harm(tmp_path: Path) -> None:
    make(tmp_path)
    (tmp_path / "report.html").write_text("mine")
    with Store.open(tmp_path, kind="study", spec=SPEC) as store:
        assert len(store.entries()) == 20


def test_a_database_left_half_made_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / ".graftwork.db.new").write_bytes(b"half")
    (tmp_path / ".graftwork.db.new-journal").write_bytes(b"half")
    make(tmp_path)
    assert not (tmp_path / ".graftwork.db.new").exists()


def cut_in_half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def cut_a_page(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-4096])


def cut_to_nothing(path: Path) -> None:
    path.write_bytes(b"")


def cut_in_header(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:50])


def another_file(path: Path) -> None:
    path.write_bytes(b"not a database, though long enough to be taken for one" * 100)


def another_database(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("create table run (x)")
    connection.close()


def no_run_row(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("delete from run")
    connection.close()


def broken_spec(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("update run set spec = '{\"seed\": NaN}'")
    connection.close()


def later_schema(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("update alembic_version set version_num = 99")
    connection.close()


@pytest.mark.parametrize(
    "damage",
    [
        cut_in_half,
        cut_a_page,
        cut_to_nothing,
        cut_in_header,
        another_file,
        another_database,
        no_run_row,
        broken_spec,
        later_schema,
    ],
)
def test_a_damaged_database_is_refused_by_writer_and_viewer(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    make(tmp_path)
    damage(tmp_path / "graftwork.db")
    refuse_unchanged(tmp_path, r"graftwork\.db cannot be read as a run")
    with pytest.raises(InputError, match=r"graftwork\.db cannot be read as a run"):
        Store.read(tmp_path)


def test_a_later_schema_is_named(tmp_path: Path) -> None:
    make(tmp_path)
    later_schema(tmp_path / "graftwork.db")
    refuse_unchanged(tmp_path, "schema is revision 99, and this Graftwork reads 0002")


def test_a_path_below_a_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    for folder in (file, file / "run"):
        with pytest.raises(InputError, match="a file is in the way; use --out"):
            Store.open(folder, kind="study", spec=SPEC, hint="use --out")
    assert file.read_text() == "mine"


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder that not even root can write to")
def test_a_folder_without_write_permission_is_refused() -> None:
    with pytest.raises(InputError, match="/proc/graftwork as a run folder"):
        Store.open("/proc/graftwork", kind="study", spec=SPEC)


def test_reading_where_no_run_is_says_so_and_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such folder"):
        Store.read(tmp_path / "none")
    with pytest.raises(InputError, match=r"it holds no graftwork\.db"):
        Store.read(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_spec_that_json_cannot_hold_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"spec\.rate is nan"):
        Store.open(tmp_path / "run", kind="study", spec={"rate": float("nan")})
    assert list(tmp_path.iterdir()) == []

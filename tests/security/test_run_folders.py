"""Run folders of others: whatever their values are, what cannot be made use of is refused as such."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.security.spoiling import ask, copied, places, put

from graftwork.cli._main import run
from graftwork.errors import InputError, NotViableError
from graftwork.report import write_report
from graftwork.search import load_search
from graftwork.study import load_study

ITEMS = st.sampled_from(
    [None, -1, 0, 10**12, 10**30, 1e308, "", "../../x", "n0", "<b>", [], {}, [[]], {"a": 1}, True, "nan"]
)
KINDS = st.sampled_from(["candidate/0", "candidate/2", "best", "spec"])


def read(key: str, folder: Path) -> object:
    if key == "spec":
        return json.loads(ask(folder, "SELECT spec FROM run")[0][0])
    return json.loads(ask(folder, "SELECT payload FROM entry WHERE key = ?", key)[0][0])


def write(key: str, folder: Path, text: str) -> None:
    if key == "spec":
        ask(folder, "UPDATE run SET spec = ?", text)
    else:
        ask(folder, "UPDATE entry SET payload = ? WHERE key = ?", text, key)


@settings(max_examples=60)
@given(data=st.data(), key=KINDS, item=ITEMS)
def test_a_spoiled_search_is_read_or_refused(
    searched: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, key: str, item: object
) -> None:
    folder = copied(searched, tmp_path_factory.getbasetemp() / "spoiled")
    value = read(key, folder)
    write(key, folder, put(value, data.draw(st.sampled_from(sorted(places(value), key=str))), item))
    try:
        load_search(folder)
        write_report(folder)
    except InputError as error:
        assert len(str(error)) < 20_000  # noqa: PT017


@settings(max_examples=40)
@given(data=st.data(), item=ITEMS)
def test_a_spoiled_study_is_read_or_refused(
    studied: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, item: object
) -> None:
    folder = copied(studied, tmp_path_factory.getbasetemp() / "spoiled")
    keys = [row[0] for row in ask(folder, "SELECT key FROM entry WHERE key LIKE '%/record/%' ORDER BY key")]
    key = data.draw(st.sampled_from([*keys, "spec"]))
    value = read(key, folder)
    write(key, folder, put(value, data.draw(st.sampled_from(sorted(places(value), key=str))), item))
    try:
        load_study(folder)
        write_report(folder)
    except InputError as error:
        assert len(str(error)) < 20_000  # noqa: PT017


@pytest.mark.parametrize("name", ["candidate/x", "candidate/", "candidate/9999999999999999999999", "../../x"])
def test_keys_become_no_paths_and_no_tracebacks(searched: Path, tmp_path: Path, name: str) -> None:
    folder = copied(searched, tmp_path / "run")
    ask(folder, "UPDATE entry SET key = ? WHERE key = 'candidate/1'", name)
    before = {path.name for path in tmp_path.iterdir()}
    for use in (load_search, write_report):
        with contextlib.suppress(InputError):
            use(folder)
    assert {path.name for path in tmp_path.iterdir()} == before


def test_an_architecture_as_wide_as_the_memory_is_not_built(searched: Path, tmp_path: Path) -> None:
    folder = copied(searched, tmp_path / "run")
    value = read("best", folder)
    for place in places(value):
        if place[-1] == "width" and "hidden" in place:
            value = json.loads(put(value, place, 10**9))
    write("best", folder, json.dumps(value))
    with pytest.raises(InputError, match=r"weights: expected|not viable"):
        load_search(folder)


@pytest.mark.parametrize("key", ["best", "candidate/0"])
def test_architectures_that_break_rules_are_refused_with_the_rules(
    searched: Path, tmp_path: Path, key: str
) -> None:
    folder = copied(searched, tmp_path / "run")
    value = read(key, folder)
    for place in places(value):
        if place[-1] == "width" and "outputs" in place:
            value = json.loads(put(value, place, -1))
    write(key, folder, json.dumps(value))
    with pytest.raises(NotViableError, match="must have a positive whole width"):
        load_search(folder)


USES: dict[str, Callable[[str], list[str]]] = {
    "diagnose": lambda folder: ["diagnose", folder],
    "advise": lambda folder: ["advise", folder],
    "report": lambda folder: ["report", folder],
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("problem", ["../../etc/passwd", "digits\x00", ["digits"], None, "/dev/zero"])
def test_the_name_of_a_stored_problem_is_no_path(
    searched: Path, tmp_path: Path, use: str, problem: object, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied(searched, tmp_path / "run")
    write("spec", folder, put(read("spec", folder), ("problem",), problem))
    arguments = [*USES[use](str(folder)), *(["--candidate", "0"] if use == "diagnose" else [])]
    assert run(arguments) in ({0, 2} if use == "advise" else {2})
    assert "Traceback" not in capsys.readouterr().err

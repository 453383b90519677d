"""Run folders of others: whatever their values are, what cannot be made use of is refused as such."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.security.conftest import STUDY, begin
from tests.security.spoiling import ask, copied, places, put

from graftwork.cli._main import run
from graftwork.errors import InputError, RunError
from graftwork.report import write_report
from graftwork.search import load_comparison, load_search
from graftwork.store import collect, upgrade
from graftwork.study import load_study

ITEMS = st.sampled_from(
    [None, -1, 0, 10**12, 10**30, 1e308, "", "../../x", "n0", "<b>", [], {}, [[]], {"a": 1}, True, "nan"]
)
KINDS = st.sampled_from([("run", "spec"), *(("candidate", c) for c in ("architecture", "payload", "site"))])


def texts(folder: Path, table: str, column: str) -> list[tuple[int, str]]:
    """Every text of JSON in a column, with the id of its row."""
    return ask(folder, f'SELECT id, "{column}" FROM {table} WHERE "{column}" IS NOT NULL ORDER BY id')  # type: ignore[return-value]


def write(folder: Path, table: str, column: str, row: int, text: str) -> None:
    ask(folder, f'UPDATE {table} SET "{column}" = ? WHERE id = ?', text, row)


def read_or_refused(folder: Path, *uses: Callable[[Path], object]) -> None:
    for use in uses:
        try:
            use(folder)
        except (InputError, RunError) as error:
            assert len(str(error)) < 5000  # noqa: PT017


def spoil(folder: Path, data: st.DataObject, kind: tuple[str, str], item: object) -> None:
    found = [(row, json.loads(text)) for row, text in texts(folder, *kind)]
    row, value = data.draw(st.sampled_from([each for each in found if each[1]]))
    write(folder, *kind, row, put(value, data.draw(st.sampled_from(sorted(places(value), key=str))), item))


@settings(max_examples=40)
@given(data=st.data(), kind=KINDS, item=ITEMS)
def test_a_spoiled_search_is_read_or_refused(
    searched: Path,
    tmp_path_factory: pytest.TempPathFactory,
    data: st.DataObject,
    kind: tuple[str, str],
    item: object,
) -> None:
    folder = copied(searched, tmp_path_factory.getbasetemp() / "spoiled")
    spoil(folder, data, kind, item)
    read_or_refused(folder, load_search, write_report)


@settings(max_examples=30)
@given(
    data=st.data(),
    item=ITEMS,
    kind=st.sampled_from([("run", "spec"), ("run", "summary"), ("record", "payload")]),
)
def test_a_spoiled_study_is_read_or_refused(
    studied: Path,
    tmp_path_factory: pytest.TempPathFactory,
    data: st.DataObject,
    kind: tuple[str, str],
    item: object,
) -> None:
    folder = copied(studied, tmp_path_factory.getbasetemp() / "spoiled")
    spoil(folder, data, kind, item)
    read_or_refused(folder, load_study, write_report)


SPOILT = {
    "an evaluation without a candidate": "UPDATE evaluation SET candidate_id = candidate_id + 999",
    "no evaluations": "DELETE FROM evaluation",
    "scores of another output": "UPDATE evaluation SET output = 'x' || output",
    "another split": "UPDATE evaluation SET split = 'test' WHERE candidate_id = 1",
    "no diagnosis": "DELETE FROM diagnosis",
    "a diagnosis of nothing": "UPDATE diagnosis SET component = 'nothing'",
    "two of one number": "UPDATE candidate SET number = 1 WHERE number = 2",
    "a gap": "UPDATE candidate SET number = 7 WHERE number = 2",
    "a huge number": f"UPDATE candidate SET number = {2**63 - 1} WHERE number = 2",
    "negative numbers": "UPDATE candidate SET number = number - 5",
    "displaced by nothing": "UPDATE candidate SET displaced_by = 999",
    "displaced by itself": "UPDATE candidate SET displaced_by = number",
    "a founder that is not there": "UPDATE candidate SET founder = 999, parent = 0 WHERE number = 2",
    "a parent that came later": "UPDATE candidate SET parent = 2 WHERE number = 1",
    "its own parent": "UPDATE candidate SET parent = number",
    "no standing": "UPDATE candidate SET hypervolume = NULL WHERE number = 2",
    "no standing of any": "UPDATE candidate SET hypervolume = NULL",
    "half a standing": "UPDATE candidate SET total_steps = NULL",
    "negative costs": "UPDATE candidate SET total_steps = -5, steps = -5",
    "huge costs": f"UPDATE candidate SET total_steps = {2**63 - 1}, steps = {2**63 - 1}",
    "other objectives": "UPDATE candidate SET objectives = '[0.5]' WHERE number = 0",
    "no objectives": "UPDATE candidate SET objectives = '[]'",
    "infinite objectives": "UPDATE candidate SET objectives = '[1e999, 0.5]'",
    "huge objectives": "UPDATE candidate SET objectives = '[1e308, 1e308]'",
    "no architecture": "UPDATE candidate SET architecture = NULL",
    "no payload": "UPDATE candidate SET payload = '{}'",
    "a strange algorithm": "UPDATE candidate SET payload = json_set(payload, '$.algorithm', 'x')",
    "no weights": "UPDATE candidate SET weights = NULL",
    "weights of nothing": f"UPDATE candidate SET weights = '{'0' * 64}'",
    "weights of elsewhere": "UPDATE candidate SET weights = '../../x'",
    "weights of another": "UPDATE candidate SET weights = (SELECT weights FROM candidate WHERE key = 'best')",
    "all joined": "UPDATE candidate SET joined = 1, displaced_by = NULL",
    "none joined": "UPDATE candidate SET joined = 0",
    "all failed": "UPDATE candidate SET status = 'failed'",
    "a strange status": "UPDATE candidate SET status = 'x'",
    "a strange operator": "UPDATE candidate SET operator = 'x', site = '{}', seed = 1",
    "a site of nowhere": """UPDATE candidate SET operator = 'add_layer', seed = 1,
        site = '{"kind": "network", "nodes": ["n999"], "layer": 999}'""",
    "the best of none": "UPDATE candidate SET parent = 999 WHERE key = 'best'",
    "the best without steps": "UPDATE candidate SET steps = NULL WHERE key = 'best'",
    "no best": "DELETE FROM diagnosis WHERE candidate_id IN (SELECT id FROM candidate WHERE key = 'best')",
    "no run": "UPDATE candidate SET run_id = 2",
    "another arm": "UPDATE candidate SET arm = 'x'",
}
LAST = "key = 'best' OR number = 3"
UNFINISHED = (
    f"DELETE FROM evaluation WHERE candidate_id IN (SELECT id FROM candidate WHERE {LAST})",
    f"DELETE FROM diagnosis WHERE candidate_id IN (SELECT id FROM candidate WHERE {LAST})",
    f"DELETE FROM candidate WHERE {LAST}",
    "UPDATE run SET finished = 0, summary = NULL",
)


@pytest.mark.parametrize("spoilt", SPOILT)
def test_rows_that_contradict_each_other_are_read_or_refused(
    searched: Path, tmp_path: Path, spoilt: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied(searched, tmp_path / "run")
    ask(folder, SPOILT[spoilt])
    read_or_refused(folder, load_search, write_report, lambda folder: collect(folder, dry_run=True), upgrade)
    for command in (["report"], ["diagnose", "--candidate", "0"]):
        assert run([command[0], str(folder), *command[1:]]) in {0, 1, 2}
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("spoilt", SPOILT)
def test_what_is_spoilt_is_gone_on_with_or_refused(searched: Path, tmp_path: Path, spoilt: str) -> None:
    """As if it had been killed before its end: one more candidate is to come, and the last training."""
    folder = copied(searched, tmp_path / "run")
    for statement in (*UNFINISHED, SPOILT[spoilt]):
        ask(folder, statement)
    read_or_refused(folder, begin)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE candidate SET weights = NULL",
        "UPDATE candidate SET architecture = NULL",
        "DELETE FROM diagnosis",
        "DELETE FROM evaluation",
        "UPDATE candidate SET payload = '{}'",
        "UPDATE candidate SET key = 'x' || key",
        "UPDATE record SET parent = 999, payload = json_set(payload, '$.parent', 999)",
        "UPDATE record SET payload = json_set(payload, '$.kinds', json('{}'))",
        "DELETE FROM record",
    ],
)
def test_a_study_that_is_spoilt_is_gone_on_with_or_refused(
    studied: Path, tmp_path: Path, statement: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied(studied, tmp_path / "study")
    ask(folder, "UPDATE run SET finished = 0, summary = NULL")
    ask(folder, "DELETE FROM record WHERE id > 1")
    ask(folder, statement)
    read_or_refused(folder, load_study)
    assert run(["study", *STUDY, "--out", str(folder)]) in {0, 1, 2}
    assert "Traceback" not in capsys.readouterr().err


def test_a_comparison_of_policies_that_did_not_run_is_refused(searched: Path, tmp_path: Path) -> None:
    folder = copied(searched, tmp_path / "run")
    spec = json.loads(texts(folder, "run", "spec")[0][1])
    ask(folder, "UPDATE candidate SET arm = 'random/0' WHERE number IS NOT NULL")
    ask(folder, "UPDATE run SET kind = 'comparison'")
    changes = ([0], {"read"}), ([0, 0], {"differ"}), ([0, 1], {"no candidates"}), ([[]], {"damaged"})
    for seeds, why in changes:
        write(folder, "run", "spec", 1, json.dumps(spec | {"policies": ["random"], "seeds": seeds}))
        if why == {"read"}:
            assert len(load_comparison(folder).runs) == 1
        else:
            with pytest.raises(InputError, match=why.pop()):
                load_comparison(folder)


@pytest.mark.parametrize("name", ["candidate/x", "candidate/", "candidate/9999999999999999999999", "../../x"])
def test_keys_become_no_paths_and_no_tracebacks(searched: Path, tmp_path: Path, name: str) -> None:
    folder = copied(searched, tmp_path / "run")
    ask(folder, "UPDATE candidate SET key = ?, arm = ? WHERE key = 'candidate/1'", name, name)
    before = {path.name for path in tmp_path.iterdir()}
    for use in (load_search, write_report):
        with contextlib.suppress(InputError):
            use(folder)
    assert {path.name for path in tmp_path.iterdir()} == before


def architecture(folder: Path, key: str) -> tuple[int, Any]:
    row, text = ask(folder, "SELECT id, architecture FROM candidate WHERE key = ?", key)[0]
    return row, json.loads(text)


def test_an_architecture_as_wide_as_the_memory_is_not_built(searched: Path, tmp_path: Path) -> None:
    folder = copied(searched, tmp_path / "run")
    row, value = architecture(folder, "best")
    for place in places(value):
        if place[-1] == "width" and "hidden" in place:
            value = json.loads(put(value, place, 10**9))
    write(folder, "candidate", "architecture", row, json.dumps(value))
    with pytest.raises(InputError, match=r"weights: expected|not viable"):
        load_search(folder)


@pytest.mark.parametrize("key", ["best", "candidate/0"])
def test_architectures_that_break_rules_are_refused_with_the_rules(
    searched: Path, tmp_path: Path, key: str
) -> None:
    folder = copied(searched, tmp_path / "run")
    row, value = architecture(folder, key)
    for place in places(value):
        if place[-1] == "width" and "outputs" in place:
            value = json.loads(put(value, place, -1))
    write(folder, "candidate", "architecture", row, json.dumps(value))
    with pytest.raises(InputError, match="must have a positive whole width"):
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
    row, text = texts(folder, "run", "spec")[0]
    write(folder, "run", "spec", row, put(json.loads(text), ("problem",), problem))
    arguments = [*USES[use](str(folder)), *(["--candidate", "0"] if use == "diagnose" else [])]
    assert run(arguments) in ({0, 2} if use == "advise" else {2})
    assert "Traceback" not in capsys.readouterr().err

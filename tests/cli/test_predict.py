"""`graftwork predict` and `graftwork sample`: the best model of a run at work."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.cli.conftest import QUICK
from tests.killing import cut_after
from tests.security.spoiling import ask

from graftwork.cli._console import Voice
from graftwork.cli._main import run
from graftwork.problem import load_problem
from graftwork.problem.bundled._package import shipped
from graftwork.problem.files import described, problem_of
from graftwork.runtime import Budget
from graftwork.search import load_search, members, predictions, search

Capture = pytest.CaptureFixture[str]
KINDS = {
    "species": {"kind": "classification"},
    "body_mass_g": {"kind": "regression"},
    "row": {"kind": "generation"},
}


@pytest.fixture(scope="module")
def birds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the table of penguins, a run on it, and a few new rows."""
    folder = tmp_path_factory.mktemp("birds")
    shutil.copy(shipped("palmerpenguins", "data/penguins.csv", "penguins"), folder / "penguins.csv")
    problem = problem_of(described({"data": str(folder / "penguins.csv"), "outputs": KINDS}, "test"))
    budget = Budget(evaluations=3)
    search(problem, policy="random", budget=budget, out=folder / "run", settings=QUICK)
    few = pd.read_csv(folder / "penguins.csv").iloc[[300, 7, 150, 3]]
    few.to_csv(folder / "few.csv", index=False)
    return folder


@pytest.fixture
def here(birds: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(birds)
    return birds


def printed(arguments: str, capsys: Capture) -> str:
    assert run(arguments.split()) == 0
    return capsys.readouterr().out


def expected(folder: Path, count: int = 1) -> pd.DataFrame:
    result = load_search(folder / "run")
    rows = pd.read_csv(folder / "few.csv")
    return predictions(members(result, count), load_problem(result.spec["problem"]), rows)


def same(found: pd.DataFrame, folder: Path, count: int = 1) -> None:
    pd.testing.assert_frame_equal(found, expected(folder, count), rtol=1e-12)


def test_it_prints_what_the_best_model_answers(here: Path, capsys: Capture) -> None:
    assert run(["predict", "run", "few.csv"]) == 0
    written = capsys.readouterr()
    same(pd.read_csv(io.StringIO(written.out)), here)
    said = "few.csv: columns 'species', 'body_mass_g' not read: what the model is to tell\n"
    assert written.err == said
    assert run(["predict", "run", "few.csv", "--quiet"]) == 0
    assert capsys.readouterr() == (written.out, "")


def test_several_members_answer_with_a_range(here: Path, capsys: Capture) -> None:
    found = pd.read_csv(io.StringIO(printed("predict run few.csv --members 2", capsys)))
    same(found, here, 2)
    assert (found["body_mass_g_low"] < found["body_mass_g_high"]).all()
    assert printed("predict run few.csv --members 1", capsys) == printed("predict run few.csv", capsys)


def test_a_terminal_is_not_steered(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for screen, shown in ((Terminal(), "a\\x1b[2J,b\n"), (io.StringIO(), "a\x1b[2J,b\n")):
        monkeypatch.setattr(sys, "stdout", screen)
        Voice().text("a\x1b[2J,b\n")
        assert screen.getvalue() == shown


@pytest.mark.parametrize("ending", ["csv", "parquet", "PQ", "npz"])
def test_the_ending_says_how_it_is_written(ending: str, here: Path, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / f"found.{ending}"
    printed(f"predict run few.csv --out {out}", capsys)
    if ending == "npz":
        with np.load(out, allow_pickle=False) as arrays:
            same(pd.DataFrame({name: arrays[name] for name in arrays.files}), here)
    else:
        same(pd.read_csv(out) if ending == "csv" else pd.read_parquet(out), here)
    assert run(["predict", "run", "few.csv", "--out", str(out)]) == 2
    assert "exists already" in capsys.readouterr().err


def test_machines_get_one_value(here: Path, tmp_path: Path, capsys: Capture) -> None:
    told = json.loads(printed("predict run few.csv --json", capsys))
    assert (told["problem"], told["members"], told["rows"], len(told["notes"])) == ("penguins", 1, 4, 1)
    same(pd.DataFrame(told["predictions"]), here)
    told = json.loads(printed(f"predict run few.csv --json --out {tmp_path / 'a.csv'}", capsys))
    assert told["out"] == str(tmp_path / "a.csv")
    assert "predictions" not in told
    told = json.loads(printed("sample run -n 2 --seed 3 --json", capsys))
    assert (told["output"], told["seed"], told["rows"], len(told["samples"])) == ("row", 3, 2, 2)


def test_it_reads_parquet_and_other_columns_may_be_there(here: Path, tmp_path: Path, capsys: Capture) -> None:
    rows = pd.read_csv("few.csv").drop(columns=["species", "body_mass_g"])
    rows[reversed(rows.columns.tolist())].to_parquet(tmp_path / "few.parquet")
    same(pd.read_csv(io.StringIO(printed(f"predict run {tmp_path / 'few.parquet'}", capsys))), here)
    rows.assign(note="x").to_csv(tmp_path / "more.csv", index=False)
    assert run(["predict", "run", str(tmp_path / "more.csv")]) == 0
    assert "column 'note' not read: no input of the model" in capsys.readouterr().err


def test_samples_are_rows_of_the_table_that_the_seed_repeats(here: Path, capsys: Capture) -> None:
    first = printed("sample run -n 7 --seed 1", capsys)
    rows = pd.read_csv(io.StringIO(first))
    assert set(rows.columns) == set(pd.read_csv("penguins.csv").columns)
    assert len(rows) == 7
    assert set(rows["year"]) <= {2007, 2008, 2009}
    assert "2008.0" not in first
    assert printed("sample run --rows 7 --seed 1 --output row", capsys) == first
    assert printed("sample run -n 7 --seed 2", capsys) != first
    assert len(printed("sample run", capsys).splitlines()) == 101


@pytest.mark.parametrize(
    ("text", "culprit"),
    [
        ("species\nAdelie\n", "'rows.csv' misses columns 'bill_length_mm', 'bill_depth_mm'"),
        ("{head}\nBiscoe,39.1,18.7,181,male,2007\nBiscoe,38,abc,181,male,2007\n", "row 1 (line 3), column"),
        ("{head}\n", "has a header and no rows"),
        ("", "'rows.csv' is empty"),
        ("{head}\nBiscoe,39.1\n", "line 2: 2 values, where the header has 6 columns"),
        ("{head}\nBiscoe,inf,18.7,181,male,2007\n", "expected finite numbers"),
        ("{head}\nBiscoe,1e300,18.7,181,male,2007\n", "too far from those of the training rows"),
    ],
)
def test_bad_rows_are_refused(
    text: str, culprit: str, here: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    head = "island,bill_length_mm,bill_depth_mm,flipper_length_mm,sex,year"
    Path("rows.csv").write_text(text.format(head=head))
    assert run(["predict", str(here / "run"), "rows.csv", "--out", "found.csv"]) == 2
    written = capsys.readouterr()
    assert culprit in written.err
    assert not written.out
    assert os.listdir() == ["rows.csv"]


@pytest.mark.parametrize(
    ("arguments", "culprit"),
    [
        ("predict run nowhere.csv", "no file 'nowhere.csv'"),
        ("predict run few.npz", "expected a table, in a file that ends in .csv"),
        ("predict nowhere few.csv", "nowhere"),
        ("predict run few.csv --members 0", "members"),
        ("predict run few.csv --members 99", "members: expected 1 to"),
        ("predict run few.csv --out found.txt", "expected a name that ends in .csv, .parquet"),
        ("predict nowhere few.csv --out few.csv", "'few.csv' exists already"),
        ("sample run --out found", "expected a name that ends in .csv, .parquet"),
        ("sample run -n 0", "rows"),
        ("sample run --seed -1", "seed"),
        ("sample run --output species", "--output: expected one of row"),
    ],
)
def test_what_cannot_be_asked_is_refused(arguments: str, culprit: str, here: Path, capsys: Capture) -> None:
    before = set(os.listdir())
    assert run(arguments.split()) == 2
    written = capsys.readouterr()
    assert culprit in written.err
    assert not written.out
    assert set(os.listdir()) == before


COMMANDS = pytest.mark.parametrize("command", ["predict {run} {rows}", "sample {run} -n 9"])


@contextmanager
def without_data(folder: Path) -> Iterator[Path]:
    """While the table of a run is not there."""
    data = folder / "penguins.csv"
    kept = data.read_bytes()
    data.unlink()
    try:
        yield data
    finally:
        data.write_bytes(kept)


@COMMANDS
def test_the_data_of_a_run_need_not_be_there(command: str, here: Path, capsys: Capture) -> None:
    asked = command.format(run=here / "run", rows=here / "few.csv")
    shutil.rmtree(here / "older", ignore_errors=True)
    older = command.format(run=earlier(here / "run", here / "older"), rows=here / "few.csv")
    fitted_again = printed(older, capsys)
    assert printed(asked, capsys) == fitted_again
    with without_data(here) as data:
        assert printed(asked, capsys) == fitted_again
        data.write_text("something,else\n1,2\n")
        assert printed(asked, capsys) == fitted_again


@COMMANDS
def test_a_run_without_end_or_an_earlier_one_without_its_data_is_refused(
    command: str, here: Path, tmp_path: Path, capsys: Capture
) -> None:
    cut_after(2, here / "run", tmp_path / "cut")
    rows = here / "few.csv"
    assert run(command.format(run=tmp_path / "cut", rows=rows).split()) == 2
    assert "is not finished; go on with it" in capsys.readouterr().err
    asked = command.format(run=earlier(here / "run", tmp_path / "older"), rows=rows).split()
    with without_data(here) as data:
        kept = (here / "few.csv").read_bytes()
        assert run(asked) == 2
        assert "penguins.csv'; if it was moved, put it back" in capsys.readouterr().err
        data.write_bytes(kept)
        assert run(asked) == 2
        assert "does not hold what it held when the run was begun" in capsys.readouterr().err


@COMMANDS
@pytest.mark.parametrize(
    ("payload", "culprit"),
    [
        ({}, "entry 'interface' is damaged: expected a document, came None"),
        ({"document": {}}, "expected a document, came {}"),
        ({"document": "{}"}, "entry 'interface' is damaged: the interface: "),
        ({"document": "other"}, "expected value at line 1"),
    ],
)
def test_a_damaged_interface_is_refused(
    command: str, payload: object, culprit: str, here: Path, tmp_path: Path, capsys: Capture
) -> None:
    shutil.copytree(here / "run", tmp_path / "run")
    ask(tmp_path / "run", "UPDATE candidate SET payload = ? WHERE key = 'interface'", json.dumps(payload))
    assert run(command.format(run=tmp_path / "run", rows=here / "few.csv").split()) == 2
    assert culprit in capsys.readouterr().err


def earlier(whole: Path, copy: Path) -> Path:
    """A copy of a run as an earlier version would have left it, which kept nothing that was fitted."""
    shutil.copytree(whole, copy)
    ask(copy, "DELETE FROM candidate WHERE key = 'interface'")
    return copy


def test_images_go_in_and_out_as_npz(run_folder: Path, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "images.npz"
    for _ in range(2):
        printed(f"sample {run_folder} -n 5 --out {out}", capsys)
        content = out.read_bytes()
        out.unlink()
    printed(f"sample {run_folder} -n 5 --out {out}", capsys)
    assert out.read_bytes() == content
    with np.load(out, allow_pickle=False) as arrays:
        images = arrays["sample"]
    assert images.shape == (5, 1, 8, 8)
    assert run(["sample", str(run_folder)]) == 2
    assert "'sample' is images: give --out a file that ends in .npz" in capsys.readouterr().err

    problem, result = load_problem("digits"), load_search(run_folder)
    rows = {"image": images[:, 0], "levels": np.zeros((5, *problem.inputs["levels"].shape))}
    np.savez(tmp_path / "rows.npz", **rows, digit=np.zeros(5))
    assert run(["predict", str(run_folder), str(tmp_path / "rows.npz")]) == 0
    written = capsys.readouterr()
    assert "array 'digit' not read: what the model is to tell" in written.err
    found = pd.read_csv(io.StringIO(written.out))
    best = predictions(result.best.model, problem, rows | {"image": images})
    pd.testing.assert_frame_equal(found, best, rtol=1e-12)
    assert found.columns[[0, 1, 11, -1]].tolist() == ["digit", "digit=0", "histogram_0", "histogram_15"]
    assert run(["predict", str(run_folder), str(out)]) == 2
    assert "misses arrays 'image', 'levels', which the model reads" in capsys.readouterr().err
    assert run(["predict", str(run_folder), "few.csv"]) == 2
    assert "expected a file that ends in .npz, with the arrays image, levels" in capsys.readouterr().err

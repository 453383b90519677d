"""Data of one's own on the command line: flags, problem files, init, and what a run remembers."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from graftwork.cli._main import run
from graftwork.problem import load_problem
from graftwork.problem.bundled._package import shipped
from graftwork.search import LEVEL, Baseline, load_search, skill_gaps

Capture = pytest.CaptureFixture[str]
QUICK = ["--evaluations", "1", "--workers", "1", "--policy", "random", "--no-baselines"]
STUDY = ["--parents", "2", "--trials", "1", "--parent-steps", "2", "--trial-steps", "2", "--workers", "1"]
FLAGS = ["--class", "species", "--class", "sex", "--value", "body_mass_g", "--generate"]


@pytest.fixture
def penguins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the table of penguins, in which the commands run."""
    shutil.copy(shipped("palmerpenguins", "data/penguins.csv", "penguins"), tmp_path / "penguins.csv")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def searched(arguments: list[str], capsys: Capture) -> dict[str, dict[str, object]]:
    assert run(["search", *arguments, *QUICK, "--json", "--quiet"]) == 0
    test: dict[str, dict[str, object]] = json.loads(capsys.readouterr().out)["test"]
    return test


def test_flags_ask_for_outputs_and_the_run_finds_its_data_again(
    penguins: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    test = searched(["penguins.csv", *FLAGS, "--out", "run"], capsys)
    assert set(test) == {"species", "sex", "body_mass_g", "row"}
    assert all(isinstance(score["skill"], float) for score in test.values())
    assert json.loads(load_search(penguins / "run").spec["problem"])["name"] == "penguins"
    # From another folder, and by the same command again.
    out = str(penguins / "run")
    with monkeypatch.context() as elsewhere:
        elsewhere.chdir(tmp_path_factory.mktemp("elsewhere"))
        for command in ("report", "diagnose", "advise"):
            assert run([command, out, "--quiet"]) == 0
    report = (penguins / "run" / "report.html").read_text()
    assert "body_mass_g" in report
    assert "search of penguins" in report
    assert searched(["penguins.csv", *FLAGS, "--out", "run"], capsys) == test
    (penguins / "penguins.csv").rename(penguins / "moved.csv")
    assert run(["diagnose", out, "--candidate", "0"]) == 2
    assert "penguins.csv'; if it was moved, put it back" in capsys.readouterr().err


def test_one_output_is_enough(penguins: Path, capsys: Capture) -> None:
    assert set(searched(["penguins.csv", "--class", "species", "--out", "run"], capsys)) == {"species"}


def loses_to(baseline: Baseline, folder: Path) -> bool:
    gaps = skill_gaps(load_search(folder).best.scores["test"], baseline)
    return any(gap < -LEVEL for gap in gaps.values())


def test_rivals_that_failed_are_named_and_rows_keep_their_order(penguins: Path, capsys: Capture) -> None:
    asked = ["search", "penguins.csv", "--class", "species", "--class", "island", *QUICK, "--out", "run"]
    assert run(asked) == 0
    first = capsys.readouterr().out
    assert run(asked) == 0
    assert capsys.readouterr().out == first
    asked.remove("--no-baselines")
    asked += ["--candidate-seconds", "0.001"]
    assert run(asked) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "No figures of gradient boosting:" in shown
    assert run([*asked, "--json", "--quiet"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert list(told["failed_baselines"]) == ["single_task", "shared_bottom", "boosting"]
    assert run(["report", "run", "--quiet"]) == 0
    assert "No figures of gradient boosting: " in (penguins / "run" / "report.html").read_text()


def test_rivals_are_shown_beside_the_model_and_kept(penguins: Path, capsys: Capture) -> None:
    asked = ["search", "penguins.csv", "--class", "species", *QUICK, "--out", "run"]
    asked.remove("--no-baselines")
    assert run(asked) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "gradient boosting" in shown
    lost = [each for each in load_search(penguins / "run").baselines if loses_to(each, penguins / "run")]
    assert shown.count("Less skill than") == len(lost)
    assert run([*asked, "--json", "--quiet"]) == 0
    told = json.loads(capsys.readouterr().out)["baselines"]
    assert list(told) == ["trivial", "single_task", "shared_bottom", "boosting"]
    assert told["boosting"]["parameters"] is None
    assert told["single_task"]["test"]["species"]["skill"] > 0.5
    assert run(["report", "run", "--quiet"]) == 0
    report = (penguins / "run" / "report.html").read_text()
    assert "Against gradient boosting" in report
    assert "one network an output, each as large as the one model" in report


def test_twelve_outputs_are_answered_by_one_model(penguins: Path, capsys: Capture) -> None:
    lines = (penguins / "penguins.csv").read_text().splitlines()
    header = lines[0] + "".join(f",extra_{number}" for number in range(7))
    wide = [
        f"{line},{row % 2},{row % 3},{row % 5},{row},{row * row % 17},{row * row % 19},{row / 7}"
        for row, line in enumerate(lines[1:])
    ]
    (penguins / "wide.csv").write_text("\n".join([header, *wide]))
    classes = ["species", "sex", "island", "extra_0", "extra_1", "extra_2"]
    values = ["body_mass_g", "flipper_length_mm", "extra_4", "extra_5", "extra_6"]
    asked = [word for name in classes for word in ("--class", name)]
    asked += [word for name in values for word in ("--value", name)]
    test = searched(["wide.csv", *asked, "--generate", "--out", "run"], capsys)
    assert set(test) == {*classes, *values, "row"}
    assert len(test) == 12


def test_init_writes_a_file_that_a_search_takes(penguins: Path, capsys: Capture) -> None:
    assert run(["init", "penguins.csv", "--out", "penguins.toml"]) == 0
    said = capsys.readouterr().out
    assert "'sex' is a category of 2 values, 11 missing" in said
    assert "'sex' is classified" in said
    assert set(searched(["penguins.toml", "--out", "run"], capsys)) == {"sex", "body_mass_g", "row"}
    before = (penguins / "penguins.toml").read_bytes()
    assert run(["init", "penguins.csv", "--out", "penguins.toml"]) == 2
    assert "exists already" in capsys.readouterr().err
    assert (penguins / "penguins.toml").read_bytes() == before
    assert run(["init", "penguins.csv", "--out", "penguins.txt"]) == 2
    assert "ends in .toml" in capsys.readouterr().err


def test_what_is_left_out_is_said(penguins: Path, capsys: Capture) -> None:
    text = (penguins / "penguins.csv").read_text().splitlines()
    numbered = [f"{line},{'id' if not row else f'bird-{row}'}" for row, line in enumerate(text)]
    (penguins / "penguins.csv").write_text("\n".join(numbered))
    assert run(["search", "penguins.csv", "--class", "species", *QUICK, "--out", "run"]) == 0
    assert "penguins: column 'id' holds 208 different texts" in " ".join(capsys.readouterr().out.split())


def test_several_columns_make_one_output_and_groups_and_columns_are_kept_apart(
    penguins: Path, capsys: Capture
) -> None:
    asked = [
        "penguins.csv",
        "--value",
        "bill_length_mm, bill_depth_mm",
        "--leave-out",
        "sex",
        "--group",
        "year",
    ]
    test = searched([*asked, "--out", "run"], capsys)
    assert set(test) == {"bill_length_mm_bill_depth_mm"}
    kept = json.loads(load_search(penguins / "run").spec["problem"])
    assert kept["leave_out"] == ["sex"]
    assert kept["group"] == "year"


def test_weights_and_balance_are_kept_and_a_run_goes_on_with_no_others(
    penguins: Path, capsys: Capture
) -> None:
    asked = ["penguins.csv", "--class", "species", "--value", "body_mass_g", "--leave-out", "sex", "--quiet"]
    weighed = [*asked, "--weights", "year", "--balance", "species"]
    test = searched([*weighed, "--out", "run"], capsys)
    spec = load_search(penguins / "run").spec
    kept = json.loads(spec["problem"])
    assert kept["weights"] == "year"
    assert kept["outputs"]["species"]["balance"] == "balanced"
    problem = load_problem(spec["problem"])
    assert problem.table is not None
    assert "year" not in problem.table.inputs
    assert searched([*weighed, "--out", "run"], capsys) == test
    for other in (asked, weighed[:-2], [*asked, "--balance", "species"]):
        assert run(["search", *other, *QUICK, "--out", "run"]) == 2
        assert "another" in capsys.readouterr().err
    for command in ("report", "diagnose", "advise"):
        assert run([command, "run", "--quiet"]) == 0
    rows = ["predict", "run", "penguins.csv", "--out", "predicted.csv"]
    assert run([*rows, "--quiet"]) == 0
    assert run(["study", *asked, "--weights", "year", *STUDY, "--out", "study"]) == 0
    compared = ["--seeds", "1", "--steps", "1", "--workers", "1", "--policies", "random"]
    assert run(["compare", *asked, "--balance", "species", *compared, "--out", "comparison"]) == 0


def test_study_and_compare_take_data_too(penguins: Path, capsys: Capture) -> None:
    assert run(["study", "penguins.csv", "digits", *STUDY, "--out", "mixed", "--class", "sex"]) == 2
    assert "go with a data file" in capsys.readouterr().err
    assert run(["study", "penguins.csv", *STUDY, "--out", "study", "--class", "sex", "--quiet"]) == 0
    asked = ["compare", "penguins.csv", "--class", "sex", "--seeds", "1", "--steps", "1", "--workers", "1"]
    assert run([*asked, "--policies", "random", "--out", "comparison", "--quiet"]) == 0
    assert run(["report", "comparison", "--quiet"]) == 0
    assert "comparison of penguins" in (penguins / "comparison" / "report.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "culprit"),
    [
        ("penguins.csv", "say what is asked of them by --class"),
        ("penguins.csv --leave-out sex", "nothing is asked of"),
        ("digits --class digit", "go with a data file"),
        ("penguins.csv --class specie", "unknown column 'specie'; choose one of: species"),
        ("penguins.csv --value species", "row 0 (line 2), column 'species' is 'Adelie'; expected a number"),
        ("penguins.csv --class sex --value sex", "asked for twice"),
        ("penguins.csv --class sex --leave-out sex", "column 'sex' is asked for and left out"),
        ("penguins.csv --value year,body_mass_g --leave-out year", "column 'year' is asked for and left out"),
        ("penguins.csv --value ,", "unknown column ','"),
        (
            "penguins.csv --class bill_length_mm",
            "column 'bill_length_mm' is 39.1; expected whole numbers or text",
        ),
        ("nowhere.csv --class sex", "no data file"),
        ("nowhere.toml", "cannot read 'nowhere.toml'"),
        ("penguins.csv --class sex --group specie", "unknown column 'specie'"),
        ("penguins.csv --class sex --weights yearr", "unknown column 'yearr'; choose one of: year"),
        ("penguins.csv --class sex --weights island", "column 'island' is 'Torgersen'; expected a number"),
        (
            "penguins.csv --class sex --weights bill_length_mm",
            "row 3 (line 5), column 'bill_length_mm' is missing",
        ),
        ("penguins.csv --class sex --weights sex", "column 'sex' holds the weights of rows, and is also"),
        ("penguins.csv --class sex --balance species", "it goes with --class species"),
        ("digits --weights year", "go with a data file"),
    ],
)
def test_bad_data_are_refused_before_a_folder_is_made(
    arguments: str, culprit: str, penguins: Path, capsys: Capture
) -> None:
    assert run(["search", *arguments.split(), "--out", "run"]) == 2
    written = capsys.readouterr()
    assert culprit in written.err
    assert not written.out
    assert not (penguins / "run").exists()

"""Operators that other packages bring, by a real entry point in a real interpreter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import graftwork
from graftwork.errors import InputError
from graftwork.variation import OPERATORS, structural_names

PACKAGE = Path(__file__).parents[2] / "examples" / "operator_package"


def installed(folder: Path, points: dict[str, str], name: str = "graftwork-toggle-normalisation") -> Path:
    """What an installer leaves of a package: its metadata, beside its module."""
    info = folder / f"{name.replace('-', '_')}-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.1.0\n")
    lines = ["[graftwork.operators]", *(f"{key} = {value}" for key, value in points.items())]
    (info / "entry_points.txt").write_text("\n".join(lines))
    (folder / "toggle_normalisation.py").write_text((PACKAGE / "toggle_normalisation.py").read_text())
    return folder


def documented_points() -> dict[str, str]:
    project = tomllib.loads((PACKAGE / "pyproject.toml").read_text())["project"]
    points: dict[str, str] = project["entry-points"]["graftwork.operators"]
    return points


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    source = str(Path(graftwork.__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([source, str(folder)])}
    whole = (sys.executable, *command)
    return subprocess.run(whole, capture_output=True, text=True, env=environment, check=False)


def test_an_installed_operator_is_known_by_name_but_not_drawn_unless_asked_for(tmp_path: Path) -> None:
    code = (
        "import graftwork as gw; from graftwork.variation import structural_names; "
        "print(gw.OPERATORS['toggle_normalisation'].tendency, 'toggle_normalisation' in structural_names())"
    )
    done = run(installed(tmp_path, documented_points()), "-c", code)
    assert done.stdout.split() == ["replacing", "False"], done.stderr
    assert "toggle_normalisation" not in OPERATORS


def test_a_study_on_worker_processes_draws_it(tmp_path: Path) -> None:
    folder, out = installed(tmp_path / "packages", documented_points()), str(tmp_path / "study")
    asked = ["--operator", "toggle_normalisation", "--operator", "clone_network"]
    few = ["--parents", "2", "--trials", "4", "--parent-steps", "5", "--trial-steps", "5", "--workers", "2"]
    done = run(folder, "-m", "graftwork", "study", "digits", *asked, *few, "--json", "--out", out)
    assert done.returncode == 0, done.stderr
    drawn = {effect["operator"] for effect in json.loads(done.stdout)["effects"]}
    assert "toggle_normalisation" in drawn
    assert drawn <= {"toggle_normalisation", "clone_network", "continue"}


@pytest.mark.parametrize(
    ("point", "message"),
    [
        ("mine = missing_module:Mine", "the entry point 'mine' of graftwork-broken in the group"),
        ("mine = math:pi", "brings no operator: it is no Operator, but float"),
        ("mine = graftwork.variation:CloneNetwork", "brings a second operator 'clone_network'; rename it"),
    ],
)
def test_a_broken_package_is_named(tmp_path: Path, point: str, message: str) -> None:
    key, _, value = point.partition(" = ")
    folder = installed(tmp_path, {key: value}, name="graftwork-broken")
    asked = ["study", "digits", "--operator", "mine", "--out", str(tmp_path / "study")]
    done = run(folder, "-m", "graftwork", *asked)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())


def test_unknown_names_are_refused_with_near_ones() -> None:
    with pytest.raises(InputError, match="no operator 'clone_netwrok'; did you mean 'clone_network'"):
        OPERATORS.chosen(["clone_netwrok"])
    with pytest.raises(InputError, match="expected at least one"):
        OPERATORS.chosen([])
    with pytest.raises(InputError, match="a name comes twice"):
        OPERATORS.chosen(["continue", "continue"])
    assert set(structural_names()) <= set(OPERATORS)


def test_a_broken_package_is_in_nobodys_way(tmp_path: Path) -> None:
    folder = installed(tmp_path, {"mine": "missing_module:Mine"}, name="graftwork-broken")
    code = "import graftwork as gw; gw.SearchSettings(); print(gw.OPERATORS['continue'].tendency)"
    done = run(folder, "-c", code)
    assert done.stdout.split() == ["neutral"], done.stderr

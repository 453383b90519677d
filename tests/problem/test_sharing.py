"""A problem in files is the problem, and workers map it instead of copying it."""

from __future__ import annotations

import json
import pickle
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.variation.samples import small_problem

from graftwork.errors import InputError
from graftwork.problem import (
    SPLITS,
    Categorical,
    Classification,
    Generation,
    Problem,
    Regression,
    load_problem,
    shared_problem,
)
from graftwork.problem.sharing import read_problem, write_problem
from graftwork.runtime import InlineExecutor, ProcessExecutor


def mixed() -> Problem:
    rng = np.random.default_rng(0)
    images = (rng.normal(size=(120, 2)) @ rng.normal(size=(2, 16))).reshape(120, 1, 4, 4)
    return Problem.from_arrays(
        "mixed",
        inputs={
            "image": images,
            "species": (Categorical(), rng.choice(["adelie", "gentoo", "king"], size=120)),
        },
        outputs={
            "island": (Classification(), rng.choice([3, 5, 9], size=120)),
            "name": (Classification(), rng.choice(["one", "two"], size=120)),
            "mass": (Regression(scale="shared"), rng.normal(size=(120, 2))),
            "drawn": (Generation(beta=0.25), images),
        },
    )


@pytest.mark.parametrize("problem", [mixed(), small_problem(missing=True)], ids=lambda problem: problem.name)
def test_what_was_written_is_read(problem: Problem, tmp_path: Path) -> None:
    write_problem(problem, tmp_path)
    read = read_problem(tmp_path)
    assert read.fingerprint == problem.fingerprint
    assert (repr(read.inputs), repr(read.outputs)) == (repr(problem.inputs), repr(problem.outputs))
    for split in SPLITS:
        for name, target in problem.split(split).targets.items():
            found = read.split(split).targets[name]
            assert torch.equal(found.nan_to_num(7.0), target.nan_to_num(7.0))
            assert problem.score(name, _answer(problem, name), "test") == read.score(
                name, _answer(problem, name), "test"
            )


def _answer(problem: Problem, name: str) -> torch.Tensor:
    return problem.outputs[name].trivial(problem.test.rows, np.random.default_rng(1))


def test_numbers_lie_as_those_of_a_tensor_do(tmp_path: Path) -> None:
    write_problem(mixed(), tmp_path)
    for split in SPLITS:
        read = read_problem(tmp_path).split(split)
        for values in (*read.inputs.values(), *read.targets.values()):
            assert values.data_ptr() % 64 == 0


def test_images_that_go_in_and_come_out_are_written_once(tmp_path: Path) -> None:
    problem = mixed()
    assert problem.train.inputs["image"] is problem.train.targets["drawn"]
    write_problem(problem, tmp_path)
    read = read_problem(tmp_path)
    assert read.train.inputs["image"].data_ptr() == read.train.targets["drawn"].data_ptr()


def test_one_worker_gets_the_problem_itself() -> None:
    problem = small_problem()
    with shared_problem(problem, InlineExecutor()) as shared:
        assert shared is problem


@pytest.mark.parametrize("place", [InlineExecutor(), ProcessExecutor()], ids=["inline", "processes"])
def test_a_problem_in_float64_is_not_for_workers(place: InlineExecutor | ProcessExecutor) -> None:
    double = small_problem().to(torch.float64)
    with (
        pytest.raises(InputError, match="problem 'small': expected float32 numbers"),
        shared_problem(double, place),
    ):
        pass


def test_a_task_carries_a_path_and_no_rows() -> None:
    problem = mixed()
    with shared_problem(problem, ProcessExecutor()) as shared:
        assert len(pickle.dumps(shared)) < 500 < len(pickle.dumps(problem))
        folder = Path(shared.loader.args[0])  # type: ignore[union-attr]
        assert folder.is_dir()
    assert not folder.exists()


def _where(problem: Problem) -> tuple[str, int, list[str]]:
    rows = problem.train.inputs["image"]
    maps = Path("/proc/self/maps")
    lines = maps.read_text(encoding="utf-8").splitlines() if maps.exists() else []
    holding = [line for line in lines if _spans(line, rows.data_ptr())]
    return problem.fingerprint, id(problem), holding


def _spans(line: str, address: int) -> bool:
    start, end = (int(edge, 16) for edge in line.split()[0].split("-"))
    return start <= address < end


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="a list of mapped files needs Linux")
def test_a_worker_maps_the_files_and_keeps_the_problem() -> None:
    problem = load_problem("digits")
    with ProcessExecutor(1) as executor, shared_problem(problem, executor) as shared:
        (first, place, holding), (second, same, _) = (
            executor.submit(_where, shared).result() for _ in range(2)
        )
    assert first == second == problem.fingerprint
    assert place == same
    (line,) = holding
    assert line.endswith(".npy")


@dataclass(frozen=True)
class Ordinal(Classification):
    """An output of a user's own kind."""


def test_an_output_of_a_users_own_kind_is_sent_as_it_is() -> None:
    rng = np.random.default_rng(0)
    problem = Problem.from_arrays(
        "own",
        inputs={"x": rng.normal(size=50)},
        outputs={"grade": (Ordinal(), rng.integers(3, size=50))},
    )
    with shared_problem(problem, ProcessExecutor()) as shared:
        assert shared is problem


def test_files_are_plain_numbers_and_text(tmp_path: Path) -> None:
    write_problem(mixed(), tmp_path)
    described = json.loads((tmp_path / "problem.json").read_text(encoding="utf-8"))
    assert described["name"] == "mixed"
    for path in tmp_path.glob("*.npy"):
        np.load(path, allow_pickle=False)


def test_a_folder_of_a_killed_process_is_removed_and_one_in_use_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "graftwork-problem-left").mkdir()
    (tmp_path / "another").mkdir()
    with shared_problem(small_problem(), ProcessExecutor()):
        (first,) = tmp_path.glob("graftwork-problem-*")
        assert first.name != "graftwork-problem-left"
        with shared_problem(small_problem(), ProcessExecutor()):
            assert first in set(tmp_path.glob("graftwork-problem-*"))
    assert [path.name for path in tmp_path.iterdir()] == ["another"]

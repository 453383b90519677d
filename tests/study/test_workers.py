"""A study on two workers is the study on one."""

from __future__ import annotations

from pathlib import Path

from tests.killing import cut_after
from tests.study.runs import run

from graftwork.study import Study


def test_two_workers_and_a_cut_change_nothing(whole: tuple[Path, Study], tmp_path: Path) -> None:
    cut_after(1, whole[0], tmp_path)
    assert run(tmp_path, workers=2) == whole[1]

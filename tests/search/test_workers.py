"""A search on two workers is the search on one."""

from __future__ import annotations

from pathlib import Path

from tests.killing import cut_after
from tests.search.runs import essence, run

from graftwork.search import SearchResult


def test_two_workers_and_a_cut_change_nothing(whole: tuple[Path, SearchResult], tmp_path: Path) -> None:
    cut_after(3, whole[0], tmp_path)
    assert essence(run(tmp_path, workers=2)) == essence(whole[1])

"""A clock that is set back says nothing about what comes first."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.faults.small import searched
from tests.killing import cut_after
from tests.search.runs import essence

from graftwork.search import SearchResult, load_search
from graftwork.store import Store

LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))


@pytest.mark.skipif(not LIBRARIES, reason="needs libfaketime (Debian: apt-get install libfaketime)")
def test_a_run_goes_on_a_year_before_it_was_begun(tmp_path: Path, whole: tuple[Path, SearchResult]) -> None:
    cut_after(5, whole[0], tmp_path)
    back = {"LD_PRELOAD": str(LIBRARIES[0]), "FAKETIME": "-400d", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    assert searched(tmp_path, environment={**os.environ, **back}) == (0, "")
    assert essence(load_search(tmp_path)) == essence(whole[1])
    with Store.read(tmp_path) as store:
        begun, gone_on = (each["opened"] for each in store.environments())
    # The clock was set back indeed.
    assert gone_on < begun

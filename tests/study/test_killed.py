"""A study that is killed goes on to the end that it would have come to."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.killing import kill_when_it_holds
from tests.study.runs import run

from graftwork.errors import InputError
from graftwork.store import Store
from graftwork.study import Study, load_study


def test_a_study_that_is_killed_goes_on_to_the_same_end(whole: tuple[Path, Study], tmp_path: Path) -> None:
    kill_when_it_holds(4, "tests.study.runs:run_slowly", tmp_path)
    with pytest.raises(InputError, match="cut short"):
        load_study(tmp_path)
    with Store.read(tmp_path) as store:
        before, records = store.entries(), store.records()
    assert len(before) + len(records) >= 4
    assert run(tmp_path) == whole[1]
    with Store.read(tmp_path) as store:
        assert store.entries()[: len(before)] == before
        assert store.records()[: len(records)] == records

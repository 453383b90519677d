"""A search that is killed goes on to the end that it would have come to."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.killing import kill_when_it_holds
from tests.search.runs import EVALUATIONS, essence, run

from graftwork.errors import InputError
from graftwork.search import SearchResult, load_search
from graftwork.store import Store


def test_a_search_that_is_killed_goes_on_to_the_same_end(
    whole: tuple[Path, SearchResult], tmp_path: Path
) -> None:
    kept = kill_when_it_holds(3, "tests.search.runs:run_slowly", tmp_path)
    assert 3 <= kept < EVALUATIONS
    with pytest.raises(InputError, match="not finished"):
        load_search(tmp_path)
    with Store.read(tmp_path) as store:
        before = store.entries()
    assert essence(run(tmp_path)) == essence(whole[1])
    with Store.read(tmp_path) as store:
        assert store.entries()[:kept] == before

"""One small search that several files look at."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.search.runs import run

from graftwork.search import SearchResult


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SearchResult]:
    out = tmp_path_factory.mktemp("search") / "whole"
    return out, run(out)

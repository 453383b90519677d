"""One small study that several files look at."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.study.runs import run

from graftwork.study import Study


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Study]:
    out = tmp_path_factory.mktemp("study") / "whole"
    return out, run(out)

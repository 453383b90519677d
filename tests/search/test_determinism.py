"""The same seed, the same archive: in this process, by two others, and in an interpreter of its own.

Bit for bit with either engine on one kind of machine: workers compute on one thread, in one order. Between
machines whose processors round otherwise nothing is promised beyond what rounding leaves.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.search.runs import essence, run
from tests.search.samples import QUICK

from graftwork.search import SearchResult, SearchSettings

ROOT = Path(__file__).parents[2]
_CODE = """
import json, sys
from pathlib import Path
from tests.search.test_determinism import told, with_engine
from tests.search.runs import run
print(json.dumps(told(run(Path(sys.argv[1]), settings=with_engine(sys.argv[2])))))
"""


def with_engine(engine: str) -> SearchSettings:
    return replace(QUICK, options=replace(QUICK.options, engine=engine))


def told(result: SearchResult) -> dict[str, Any]:
    """All that a run came to as text in which floats are exact, weights of the front included."""
    found: dict[str, Any] = json.loads(json.dumps(essence(result), default=_exact))
    return found


def _exact(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else repr(value)


@pytest.mark.parametrize("engine", ["native", "eager"])
def test_inline_two_processes_and_a_fresh_interpreter_end_alike(engine: str, tmp_path: Path) -> None:
    inline = told(run(tmp_path / "inline", settings=with_engine(engine)))
    assert told(run(tmp_path / "two", workers=2, settings=with_engine(engine))) == inline
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")]),
        "PYTHONHASHSEED": "77",  # sets and dictionaries of strings in another order
    }
    command = [sys.executable, "-c", _CODE, str(tmp_path / "fresh"), engine]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=True)
    assert json.loads(done.stdout) == inline

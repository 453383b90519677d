"""A small search in a process of its own, and what it comes to without a fault."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
_CODE = """
import sys
from pathlib import Path
from graftwork.errors import GraftworkError
from tests.search.runs import run
try:
    result = run(Path(sys.argv[1]))
except GraftworkError as error:
    print(f"{type(error).__name__}: {error}", file=sys.stderr)
    sys.exit(1)
"""


def searched(folder: Path, *, environment: Mapping[str, str] = os.environ) -> tuple[int, str]:
    """Run it in a folder, or go on with it; its exit code and the message that it ended with."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    done = subprocess.run(
        [sys.executable, "-c", _CODE, str(folder)],
        env={**environment, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stderr.strip()

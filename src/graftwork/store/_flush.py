"""Names that are on disk when a function returns."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def flush_folder(folder: Path) -> None:
    """Have the names in a folder on disk, as `fsync` has the content of a file; Windows does so by itself."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""What a run is made with."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, version
from pathlib import Path

_PACKAGES = ("graftwork", "torch", "numpy", "scipy", "scikit-learn", "SQLAlchemy", "safetensors")
_ROOT = Path(__file__).parents[3]


@cache
def packages() -> dict[str, str]:
    """Versions of the packages that results depend on."""
    return {package: _version(package) for package in _PACKAGES}


@cache
def machine() -> dict[str, str | int | None]:
    """Versions of the interpreter and the system, the kind of machine and its cores, and the commit."""
    return {
        "commit": commit(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "machine": platform.machine() or None,
        "cores": os.cpu_count(),
    }


def commit() -> str | None:
    """The commit of Graftwork that runs, where it was installed from a repository; "+" if it was changed."""
    return _installed_commit() or (_described() if (_ROOT / ".git").exists() else None)


def _installed_commit() -> str | None:
    try:
        told = json.loads(Distribution.from_name("graftwork").read_text("direct_url.json") or "{}")
        found = told.get("vcs_info", {}).get("commit_id")
    except (PackageNotFoundError, ValueError, AttributeError):
        return None
    return found if isinstance(found, str) else None


def _described() -> str | None:
    command = ["git", "-C", str(_ROOT), "describe", "--always", "--abbrev=40", "--dirty=+", "--exclude=*"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return told.stdout.strip()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"

"""What a run was made with."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

_PACKAGES = ("graftwork", "torch", "numpy", "scipy", "scikit-learn")


def environment() -> dict[str, str]:
    """Versions of the interpreter and of the packages that results depend on, and the machine's type."""
    versions = {package: _version(package) for package in _PACKAGES}
    return {"python": platform.python_version(), "platform": platform.platform()} | versions


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"

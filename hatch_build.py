"""Compiles the native training engine while the package is installed.

Without a C++ compiler the package is installed all the same, and trains by PyTorch.
"""

from __future__ import annotations

import importlib.util
import os
import shlex
import subprocess
import sys
import sysconfig
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NATIVE = Path("src", "graftwork", "training", "engines", "native")


class NativeEngine(BuildHookInterface):  # type: ignore[type-arg]
    """Builds `engine_*.so` beside `engine.cpp`."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel":
            return
        builds = _module(Path(self.root) / NATIVE / "builds.py")
        compiler = shlex.split(os.environ.get("CXX", "")) or ["c++"]
        try:
            made = builds.compile_builds(_eigen(), compiler=compiler)
        except (OSError, subprocess.CalledProcessError) as error:
            told = getattr(error, "stderr", "") or str(error)
            self.app.display_warning(f"The native training engine was not compiled: {told[-2000:]}")
            self.app.display_warning("Graftwork will train by PyTorch, which takes three times as long.")
            return
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"
        build_data["artifacts"] += [str(path.relative_to(self.root)) for path in made]


def _eigen() -> Path:
    """Folder of Eigen's headers, which a build requirement brings."""
    for entry in sys.path:
        folder = Path(entry, "cmeel.prefix", "include", "eigen3")
        if folder.is_dir():
            return folder
    raise OSError("the headers of Eigen were not found")


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("graftwork_builds", path)
    if spec is None or spec.loader is None:
        raise OSError(f"{path} cannot be read")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses look for it
    spec.loader.exec_module(module)
    return module

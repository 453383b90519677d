"""How the engine is compiled; read when the package is installed, before anything else of it can be.

It imports nothing but the standard library, and nothing of Graftwork.
"""

from __future__ import annotations

import platform
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).parent
_FLAGS = ("-std=c++17", "-O3", "-DNDEBUG", "-fno-math-errno", "-fno-trapping-math")


@dataclass(frozen=True)
class Build:
    """One compilation of the engine.

    Attributes:
        name: Of the build.
        flags: What the compiler is told.
        capability: The processors that it suits, as torch names them.
        machines: Kinds of machine on which it can be compiled; any where there are none.
        precision: The numbers that it computes in.
    """

    name: str
    flags: tuple[str, ...]
    capability: str
    machines: frozenset[str] = frozenset()
    precision: str = "float32"


_X86 = frozenset({"x86_64", "AMD64"})
BUILDS = (
    Build("avx512", ("-march=x86-64-v4", "-mprefer-vector-width=512"), "AVX512", _X86),
    Build("avx2", ("-march=x86-64-v3",), "AVX2", _X86),
    Build("baseline", (), "DEFAULT"),
    Build("float64", ("-DGRAFTWORK_REAL=double",), "DEFAULT", precision="float64"),
)
"""Of each precision the fastest first; its last one runs on any processor of its kind."""
PRECISIONS = ("float32", "float64")


def file_name(build: str) -> str:
    """The file of a build, beside this one."""
    return f"engine_{build}.so"


def compile_builds(
    include: Path,
    *,
    builds: Sequence[Build] = BUILDS,
    source: Path | None = None,
    folder: Path | None = None,
    compiler: Sequence[str] = ("c++",),
) -> tuple[Path, ...]:
    """Compile every build that this kind of machine can run; answers with the files.

    A build that the compiler cannot make, because it is older than the processors that it suits, is left
    out as long as another one is made.

    Args:
        include: Folder of Eigen's headers.
        builds: Which of them; all unless told.
        source: What is compiled; the engine unless told. It may include the engine's headers.
        folder: Where the files go; beside the engine unless told.
        compiler: A C++ 17 compiler that takes the options of gcc, and what it is always told.

    Raises:
        OSError: There is no such compiler.
        subprocess.CalledProcessError: It made no build.
    """
    made, failure = [], None
    for build in builds:
        if not build.machines or platform.machine() in build.machines:
            target = (folder or _HERE) / file_name(build.name)
            try:
                _compile(compiler, build.flags, include, source or _HERE / "engine.cpp", target)
                made.append(target)
            except subprocess.CalledProcessError as error:
                failure = error
    if failure is not None and not made:
        raise failure
    return tuple(made)


def _compile(
    compiler: Sequence[str], flags: Sequence[str], include: Path, source: Path, target: Path
) -> None:
    dynamic = ("-undefined", "dynamic_lookup") if sys.platform == "darwin" else ()
    command = [
        *(*compiler, *_FLAGS, *flags, "-fPIC", "-shared", *dynamic),
        *("-isystem", str(include), "-I", str(_HERE), str(source), "-o", str(target)),
    ]
    subprocess.run(command, check=True, capture_output=True, text=True)

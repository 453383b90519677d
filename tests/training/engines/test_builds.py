"""The builds of the native engine: which suits a processor, how they are compiled, that they agree."""

from __future__ import annotations

import ctypes
import logging
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from tests.training.engines.cases import make_task, some_rows, whole_architecture

from graftwork.training.engines import EagerEngine, NativeEngine
from graftwork.training.engines.native import builds, library
from graftwork.training.engines.native.builds import BUILDS, PRECISIONS, Build, compile_builds, file_name

NATIVE = Path(builds.__file__).parent
EIGEN = [Path(entry, "cmeel.prefix", "include", "eigen3") for entry in sys.path]
BY_NAME = {build.name: build for build in BUILDS}


@pytest.mark.parametrize(
    ("capability", "suited"),
    [
        ("AVX512", ["avx512", "avx2", "baseline"]),
        ("AVX2", ["avx2", "baseline"]),
        ("DEFAULT", ["baseline"]),
        ("NO AVX", ["baseline"]),
        ("SVE256", ["baseline"]),
    ],
)
def test_a_processor_gets_the_builds_that_it_runs(
    capability: str, suited: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: capability)
    assert [*library.suited_builds()] == suited
    assert [*library.suited_builds("float64")] == ["float64"]


def test_of_every_precision_a_build_runs_on_any_processor() -> None:
    anywhere = {build.precision for build in BUILDS if not build.machines}
    assert anywhere == {build.precision for build in BUILDS} == set(PRECISIONS)


def assert_agrees(path: Path, precision: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the engine in a file has the reference's gradients."""
    loaded = library._declared(ctypes.CDLL(str(path)))
    monkeypatch.setattr(library, "compiled_engine", {precision: loaded}.get)
    dtype = getattr(torch, precision)
    for activation in ("softplus", "gelu", "elu"):
        architecture, rows = whole_architecture(activation), some_rows()
        came = NativeEngine(make_task(architecture, dtype=dtype)).gradients(rows)
        expected = EagerEngine(make_task(architecture, dtype=dtype)).gradients(rows)
        whole = torch.stack([value.norm() for value in expected.values()]).norm()
        for name, reference in expected.items():
            allowed = 1e-5 * reference.norm() + 1e-7 * whole
            assert (came[name] - reference).norm() <= allowed, f"{activation}: {name}"


@pytest.mark.parametrize("build", BUILDS, ids=BY_NAME)
def test_every_build_that_this_processor_runs_agrees(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    path = NATIVE / file_name(build.name)
    if build.name not in library.suited_builds(build.precision) or not path.exists():
        pytest.skip(f"{build.name} does not suit this processor, or was not compiled")
    assert_agrees(path, build.precision, monkeypatch)


def test_a_build_is_compiled_and_agrees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    include = next((folder for folder in EIGEN if folder.is_dir()), None)
    if include is None or shutil.which("c++") is None:
        pytest.skip("there is no C++ compiler, or Eigen's headers are not installed (cmeel-eigen)")
    (made,) = compile_builds(include, builds=(BY_NAME["baseline"],), folder=tmp_path)
    assert made == tmp_path / "engine_baseline.so"
    assert_agrees(made, "float32", monkeypatch)


def test_a_compiler_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="no-such-compiler"):
        compile_builds(tmp_path, folder=tmp_path, compiler=("/no-such-compiler",))
    assert not list(tmp_path.iterdir())


def test_a_build_that_the_compiler_does_not_know_is_left_out(tmp_path: Path) -> None:
    """A processor is newer than the compiler: the build for any processor is made all the same."""
    compiler = (sys.executable, "-c", _REFUSING)
    new = Build("new", ("-march=newest",), "NEW")
    elsewhere = Build("elsewhere", (), "ELSEWHERE", frozenset({f"not {platform.machine()}"}))
    old, any_other = Build("old", ("-march=oldest",), "OLD"), Build("any", (), "ANY")
    asked = (new, elsewhere, old, any_other)
    made = compile_builds(tmp_path, builds=asked, folder=tmp_path, compiler=compiler)
    assert made == (tmp_path / "engine_old.so", tmp_path / "engine_any.so")
    assert all(path.read_text() == str(NATIVE / "engine.cpp") for path in made)
    with pytest.raises(subprocess.CalledProcessError) as caught:
        compile_builds(tmp_path, builds=(new,), folder=tmp_path, compiler=compiler)
    assert "unknown processor" in caught.value.stderr


_REFUSING = """
import sys
if "-march=newest" in sys.argv:
    sys.exit("unknown processor")
*_, source, _, target = sys.argv
open(target, "w").write(source)
"""


def test_a_build_that_cannot_be_loaded_gives_way_to_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / file_name("avx512")).write_text("no library", encoding="utf-8")
    monkeypatch.setattr(library, "__file__", str(tmp_path / "library.py"))
    monkeypatch.setattr(library, "suited_builds", lambda precision: ["avx512", "baseline"])
    with caplog.at_level(logging.WARNING, logger="graftwork"):
        assert library.compiled_engine.__wrapped__() is None
    assert "engine_avx512.so cannot be loaded" in caplog.text
    for path in NATIVE.glob(file_name("baseline")):
        (tmp_path / path.name).write_bytes(path.read_bytes())
        assert library.compiled_engine.__wrapped__() is not None

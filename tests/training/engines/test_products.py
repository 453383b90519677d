"""By what the native engine multiplies: Eigen or PyTorch's MKL, the same numbers but for rounding."""

from __future__ import annotations

import ctypes
from types import SimpleNamespace
from typing import cast

import pytest
import torch
from tests.training.engines.cases import FIFTY, drawn_architecture, make_task, some_rows, whole_architecture
from tests.training.engines.test_gradients import assert_gradients_agree

from graftwork.architecture import SearchSpace
from graftwork.training.engines import NativeEngine, native_hindrance
from graftwork.training.engines.native import library
from graftwork.training.engines.native.library import Blas, mkl, suited_blas

pytestmark = pytest.mark.skipif(
    (hindrance := native_hindrance(make_task(whole_architecture()))) is not None, reason=str(hindrance)
)
needs_mkl = pytest.mark.skipif(mkl() == Blas(), reason="PyTorch brings no MKL here")
LIBRARIES = [pytest.param(Blas(), id="eigen"), pytest.param(mkl(), id="mkl", marks=needs_mkl)]


@pytest.mark.parametrize("blas", LIBRARIES)
@pytest.mark.parametrize(("seed", "space"), FIFTY[::5], ids=lambda value: getattr(value, "name", str(value)))
def test_gradients_agree_whatever_multiplies(
    blas: Blas, seed: int, space: SearchSpace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "suited_blas", lambda engine, precision: blas)
    assert_gradients_agree(drawn_architecture(seed, space), seed=seed)


@pytest.mark.parametrize("blas", LIBRARIES)
def test_gradients_repeat_to_the_bit(blas: Blas, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "suited_blas", lambda engine, precision: blas)
    first, again = (NativeEngine(make_task(whole_architecture())).gradients(some_rows()) for _ in range(2))
    assert all(torch.equal(value, again[name]) for name, value in first.items())


@needs_mkl
def test_the_two_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for blas in (Blas(), mkl()):
        monkeypatch.setattr(library, "suited_blas", lambda engine, precision, blas=blas: blas)
        found.append(NativeEngine(make_task(whole_architecture())).gradients(some_rows()))
    assert any(not torch.equal(value, found[1][name]) for name, value in found[0].items())


@needs_mkl
def test_threads_are_limited_within_a_step_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "suited_blas", lambda engine, precision: mkl())
    limit = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)(mkl().limit_threads)
    before = limit(2)
    try:
        NativeEngine(make_task(whole_architecture())).step(some_rows(), 1e-3)
        assert limit(2) == 2
    finally:
        limit(before)


@needs_mkl
@pytest.mark.parametrize(
    ("intel", "precision", "expected"),
    [(1, "float32", mkl()), (0, "float32", Blas()), (1, "float64", Blas())],
)
def test_the_processor_and_the_precision_choose(intel: int, precision: str, expected: Blas) -> None:
    engine = cast("ctypes.CDLL", SimpleNamespace(graftwork_on_intel=lambda: intel))
    assert suited_blas(engine, precision) == expected


def test_where_pytorch_has_no_mkl_eigen_multiplies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mkl, "is_available", lambda: False)
    assert mkl.__wrapped__() == Blas()


def test_a_pytorch_without_the_functions_leaves_eigen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mkl, "is_available", lambda: True)
    monkeypatch.setattr(library, "_MKL_NAMES", ("SGEMM_64", "no_such_function"))
    assert mkl.__wrapped__() == Blas()
    monkeypatch.setattr(library.torch, "__file__", "/no/such/folder/__init__.py")
    assert mkl.__wrapped__() == Blas()

"""The matrix products of a training step, alone: what no engine can do without."""

from __future__ import annotations

import ctypes
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

from graftwork.architecture import Architecture, parameter_macs, parameter_shapes
from graftwork.training.engines.native import builds, library

Product = tuple[int, int, bool]
"""Units read, units computed, and whether a gradient flows through what is read."""


def products_of(architecture: Architecture) -> list[Product]:
    """Every product of a step that trains all of an architecture, in the order of its parameters."""
    shapes = parameter_shapes(architecture)
    inputs = {node.name for node in architecture.inputs}
    return [
        (shapes[name][1], shapes[name][0], name.rpartition("from_")[2] not in inputs)
        for name in parameter_macs(architecture)
    ]


def native_products(products: list[Product], rows: int) -> Callable[[], None]:
    """All products by the library that the native engine uses, in one compiled loop."""
    flat = [number for product in products for number in product]
    layers = (ctypes.c_int32 * len(flat))(*map(int, flat))
    tensors = _tensors(products, rows)
    pointers = [(ctypes.c_void_p * len(group))(*(t.data_ptr() for t in group)) for group in tensors]
    compiled = _compiled()
    engine = library.compiled_engine()
    if engine is None:
        raise SystemExit("the native training engine is not compiled here")
    blas = [ctypes.c_void_p(place) for place in library.suited_blas(engine)]

    def run() -> None:
        assert tensors
        compiled.products(layers, ctypes.c_int64(len(products)), ctypes.c_int64(rows), *pointers, *blas)

    return run


def torch_products(products: list[Product], rows: int) -> Callable[[], None]:
    """All products by `torch.mm` into given tensors."""
    work = list(zip(products, *_tensors(products, rows), strict=True))

    def run() -> None:
        for _, read, weight, out, _, _ in work:
            torch.mm(read, weight.t(), out=out)
        for (_, _, differentiable), read, weight, out, read_gradient, weight_gradient in reversed(work):
            if differentiable:
                torch.mm(out, weight, out=read_gradient)
            torch.mm(out.t(), read, out=weight_gradient)

    return run


def _tensors(products: list[Product], rows: int) -> list[list[Tensor]]:
    shapes = [
        [(rows, read) for read, _, _ in products],
        [(made, read) for read, made, _ in products],
        [(rows, made) for _, made, _ in products],
    ]
    return [[torch.rand(shape) for shape in shapes[index]] for index in (0, 1, 2, 0, 1)]


@cache
def _compiled() -> ctypes.CDLL:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(__file__).with_name("products.cpp")
        (suited, *_) = [build for build in builds.BUILDS if build.name == library.suited_builds()[0]]
        (made,) = builds.compile_builds(_eigen(), builds=(suited,), source=source, folder=Path(folder))
        return ctypes.CDLL(str(made))


def _eigen() -> Path:
    for entry in sys.path:
        if (folder := Path(entry, "cmeel.prefix", "include", "eigen3")).is_dir():
            return folder
    raise SystemExit("Eigen's headers are missing: pip install 'cmeel-eigen<4'")

"""The compiled engine: which build suits this processor, by what it multiplies, and the functions in it."""

from __future__ import annotations

import ctypes
import logging
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import torch

from graftwork.training.engines.native.builds import BUILDS, file_name

_LOGGER = logging.getLogger(__name__)
_MKL_NAMES = ("SGEMM_64", "MKL_Set_Num_Threads_Local")
_POINTER, _COUNT, _NUMBER = ctypes.c_void_p, ctypes.c_int64, ctypes.c_double


@cache
def compiled_engine(precision: str = "float32") -> ctypes.CDLL | None:
    """The fastest build of a precision that this processor runs; None where none was compiled."""
    for build in suited_builds(precision):
        path = Path(__file__).with_name(file_name(build))
        if path.exists():
            try:
                return _declared(ctypes.CDLL(str(path)))
            except (OSError, AttributeError) as error:
                _LOGGER.warning("The native training engine in %s cannot be loaded: %s.", path.name, error)
    return None


def suited_builds(precision: str = "float32") -> Sequence[str]:
    """Names of the builds of a precision that this processor runs, fastest first."""
    capability = torch.backends.cpu.get_cpu_capability()
    builds = [build for build in BUILDS if build.precision == precision]
    names = [build.name for build in builds]
    known = [build.name for build in builds if build.capability == capability]
    return names[names.index(known[0]) :] if known else names[-1:]


class Blas(NamedTuple):
    """Where functions of a BLAS are, for the engine; 0 where it multiplies by Eigen.

    Attributes:
        gemm: The general product, of float32 and with sizes of 64 bits, in the manner of Fortran.
        limit_threads: How many threads it may take.
    """

    gemm: int = 0
    limit_threads: int = 0


def suited_blas(engine: ctypes.CDLL, precision: str = "float32") -> Blas:
    """By what a compiled engine multiplies here: PyTorch's MKL on processors of Intel, else Eigen.

    There MKL takes three quarters of Eigen's time, on others twice as much (docs/benchmarks.md). The choice
    rests on the processor alone, never on a measurement: results on one machine are the same to the bit.
    """
    return mkl() if precision == "float32" and engine.graftwork_on_intel() else Blas()


@cache
def mkl() -> Blas:
    """The MKL that PyTorch brings; nothing where it brings none."""
    if not torch.backends.mkl.is_available():
        return Blas()
    try:
        # Loaded already: this only finds it.
        brought = ctypes.CDLL(str(Path(torch.__file__).parent / "lib" / "libtorch_cpu.so"))
        places = [ctypes.cast(brought[name], _POINTER).value for name in _MKL_NAMES]
    except (OSError, AttributeError):
        return Blas()
    return Blas(*(place or 0 for place in places))


def _declared(loaded: ctypes.CDLL) -> ctypes.CDLL:
    loaded.graftwork_create.restype = _POINTER
    loaded.graftwork_create.argtypes = [
        *(_POINTER, _POINTER, _COUNT),
        *(_POINTER, _COUNT, _POINTER, _COUNT),
        *(_COUNT, _COUNT, _POINTER, _POINTER, _POINTER),
        *(_POINTER, _POINTER),
    ]
    loaded.graftwork_on_intel.restype = ctypes.c_int32
    loaded.graftwork_on_intel.argtypes = []
    loaded.graftwork_destroy.restype = None
    loaded.graftwork_destroy.argtypes = [_POINTER]
    loaded.graftwork_forward_weighted.restype = None
    loaded.graftwork_forward_weighted.argtypes = [
        *(_POINTER, _POINTER, _POINTER, _COUNT, _COUNT),
        *(_POINTER, _POINTER, _POINTER, _POINTER, _POINTER),
    ]
    loaded.graftwork_backward.restype = None
    loaded.graftwork_backward.argtypes = [_POINTER, _POINTER, _POINTER, _NUMBER, _COUNT]
    return loaded

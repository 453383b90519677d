"""The compiled engine: which build of it suits this processor, and the functions in it."""

from __future__ import annotations

import ctypes
import logging
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import torch

from graftwork.training.engines.native.builds import BUILDS, file_name

_LOGGER = logging.getLogger(__name__)
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


def _declared(loaded: ctypes.CDLL) -> ctypes.CDLL:
    loaded.graftwork_create.restype = _POINTER
    loaded.graftwork_create.argtypes = [
        *(_POINTER, _POINTER, _COUNT),
        *(_POINTER, _COUNT, _POINTER, _COUNT),
        *(_COUNT, _COUNT, _POINTER, _POINTER, _POINTER),
    ]
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

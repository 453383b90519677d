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
def compiled_engine() -> ctypes.CDLL | None:
    """The fastest build that this processor runs; None where none was compiled."""
    for build in suited_builds():
        path = Path(__file__).with_name(file_name(build))
        if path.exists():
            try:
                return _declared(ctypes.CDLL(str(path)))
            except (OSError, AttributeError) as error:
                _LOGGER.warning("The native training engine in %s cannot be loaded: %s.", path.name, error)
    return None


def suited_builds() -> Sequence[str]:
    """Names of the builds that this processor runs, fastest first."""
    capability = torch.backends.cpu.get_cpu_capability()
    names = [build.name for build in BUILDS]
    known = [build.name for build in BUILDS if build.capability == capability]
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
    loaded.graftwork_forward.restype = None
    loaded.graftwork_forward.argtypes = [
        *(_POINTER, _POINTER, _POINTER, _COUNT, _COUNT),
        *(_POINTER, _POINTER, _POINTER, _POINTER),
    ]
    loaded.graftwork_backward.restype = None
    loaded.graftwork_backward.argtypes = [_POINTER, _POINTER, _POINTER, _NUMBER, _COUNT]
    return loaded

"""A module is left as it was found, also after an exception."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from graftwork.errors import InputError


@contextmanager
def untouched(module: nn.Module) -> Iterator[None]:
    """Modes, weights, buffers and the need of gradients are put back; inside, the module is in eval mode.

    Raises:
        InputError: The weights are such that no gradient can be found by them.
    """
    refuse_inference("model", (*module.parameters(), *module.buffers()))
    modes = [(each, each.training) for each in module.modules()]
    kept = [(t, t.detach().clone(), t._version) for t in (*module.parameters(), *module.buffers())]
    fast = torch.backends.mha.get_fastpath_enabled()
    try:
        # The fast path of attention reads weights of submodules without calling them.
        torch.backends.mha.set_fastpath_enabled(False)
        for each, _ in modes:
            each.training = False
        with all_trained(module):
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)
        for each, training in modes:
            each.training = training
        with torch.no_grad():
            for tensor, before, version in kept:
                if tensor._version != version:
                    tensor.copy_(before)


def refuse_inference(what: str, tensors: Iterable[Tensor]) -> None:
    """Raise where no gradient can be found by tensors of a model, or of a problem.

    Raises:
        InputError: They were made in `torch.inference_mode`.
    """
    if any(tensor.is_inference() for tensor in tensors):
        raise InputError(
            f"{what}: expected numbers that gradients can be found by, came those of torch.inference_mode; "
            f"make or load the {what} outside of it"
        )


@contextmanager
def all_trained(module: nn.Module) -> Iterator[None]:
    """Every parameter wants a gradient, those that are frozen too."""
    frozen = [p for p in module.parameters() if not p.requires_grad and p.is_floating_point()]
    try:
        for parameter in frozen:
            parameter.requires_grad_(True)
        yield
    finally:
        for parameter in frozen:
            parameter.requires_grad_(False)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Draws of torch, NumPy and Python start from a seed, and go on afterwards as if nothing had been."""
    states = random.getstate(), np.random.get_state()  # noqa: NPY002
    devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else ()
    with torch.random.fork_rng(devices=devices):
        try:
            torch.manual_seed(seed)
            random.seed(seed)
            np.random.seed(seed % 2**32)  # noqa: NPY002
            yield
        finally:
            random.setstate(states[0])
            np.random.set_state(states[1])  # noqa: NPY002

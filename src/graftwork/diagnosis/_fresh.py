"""A copy of a submodule with fresh weights."""

from __future__ import annotations

import copy

import torch
from torch import nn

from graftwork.diagnosis._guard import seeded
from graftwork.errors import InputError


def fresh_copy(name: str, module: nn.Module, seed: int) -> nn.Module:
    """A copy whose weights are drawn as `reset_parameters` draws them; where there is none, they are
    shuffled.

    Raises:
        InputError: The module cannot be copied.
    """
    try:
        stranger = copy.deepcopy(module)
    except Exception as error:
        raise InputError(
            f"component '{name}' cannot be copied, which the metric 'relevance_weights' needs: "
            f"{type(error).__name__}: {error}; leave this metric out"
        ) from error
    with seeded(seed), torch.no_grad():
        for part in stranger.modules():
            reset = getattr(part, "reset_parameters", None) or getattr(part, "_reset_parameters", None)
            if callable(reset):
                reset()
                continue
            for weight in part.parameters(recurse=False):
                order = torch.randperm(weight.numel())
                weight.copy_(weight.flatten()[order.to(weight.device)].view_as(weight))
    return stranger

"""Devices that work can be done on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graftwork.errors import InputError

if TYPE_CHECKING:
    import torch


def usable_device(name: str) -> torch.device:
    """The device of this name, as PyTorch names them: `cpu`, `cuda`, `cuda:1`, `mps`.

    Raises:
        InputError: There is none on this machine.

    Example:
        >>> usable_device("cpu")
        device(type='cpu')
    """
    import torch

    try:
        device = torch.device(name)
        torch.zeros(1, device=device).cpu()
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        told = str(error).partition("\n")[0].partition(". ")[0]
        raise InputError(f"device {name!r} cannot be used on this machine: {told}") from error
    return device

"""Named tensors to bytes and back, in a format that cannot run code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from graftwork.errors import InputError

if TYPE_CHECKING:
    from torch import Tensor


def save_tensors(tensors: Mapping[str, Tensor]) -> bytes:
    """`tensors` in the safetensors format; equal tensors give equal bytes, whatever their order.

    Example:
        >>> import torch
        >>> data = save_tensors({"weight": torch.ones(2, 3)})
        >>> load_tensors(data)["weight"].shape
        torch.Size([2, 3])
    """
    import safetensors.numpy
    import safetensors.torch
    import torch

    # A clone shares memory with nothing, which the format requires; sorting fixes the bytes.
    held = {
        name: tensors[name].detach().cpu().clone(memory_format=torch.contiguous_format)
        for name in sorted(tensors)
    }
    if any(tensor.dtype is torch.bfloat16 for tensor in held.values()):
        return safetensors.torch.save(held)
    # By NumPy, where it knows the types: the other way makes a ctypes type for every size of a tensor, and
    # ctypes keeps them all.
    return safetensors.numpy.save({name: tensor.numpy() for name, tensor in held.items()})


def load_tensors(data: bytes) -> dict[str, Tensor]:
    """The tensors in `data`, each in memory of its own.

    Vectorised kernels treat the ends of a misaligned buffer apart and so may round otherwise; fresh
    allocations are aligned to 64 bytes, so that results do not depend on where a buffer lay.

    Raises:
        InputError: If `data` is not in the safetensors format, is cut short, or holds types or shapes that
            torch has not.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        return {name: tensor.clone() for name, tensor in load(data).items()}
    except (SafetensorError, ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:
        raise InputError(f"Expected tensors in the safetensors format, but {error}.") from error

"""Of what numbers a model and the rows that it meets are."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from graftwork.errors import InputError


def common_dtype(model: nn.Module, *groups: Mapping[str, Tensor]) -> torch.dtype:
    """The one type that a model's parameters and the numbers of some rows share; class codes do not count.

    Raises:
        InputError: They are of several.

    Example:
        >>> common_dtype(torch.nn.Linear(2, 1), {"x": torch.zeros(3, 2), "label": torch.tensor([0, 1, 1])})
        torch.float32
    """
    own = {parameter.dtype for parameter in model.parameters()}
    met = {t.dtype for group in groups for t in group.values() if t.is_floating_point()}
    if len(own | met) > 1:
        raise InputError(
            f"model: expected parameters of the precision of the rows, came {_told(own)} for rows of "
            f"{_told(met)}; `model.double()` or `problem.to(torch.float64)` converts one of them"
        )
    (dtype,) = own | met
    return dtype


def _told(dtypes: set[torch.dtype]) -> str:
    return " and ".join(sorted(str(dtype).removeprefix("torch.") for dtype in dtypes))

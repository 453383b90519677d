"""Where an output of a module of yours is found, and what it should be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from graftwork.problem import Output

Loss = Callable[[Tensor, Tensor], Tensor]
Key = str | int


@dataclass(frozen=True, kw_only=True)
class Target:
    """An output of a module: where it is found, and how it is judged.

    Args:
        loss: A kind of output, `gw.Classification()` or `gw.Regression()`; or a function of prediction and
            target that answers with a loss for each row, (rows,), or (rows, ...), which is averaged.
        at: Keys, positions or attribute names that lead to the prediction in what the module returns, one
            after the other; a single one may stand alone. Unless told, what is returned under the name of the
            output, or in its position among the outputs, or all of it where it is one tensor.
        target: The same for the targets of a batch.

    Example:
        >>> import torch
        >>> Target(loss=torch.nn.L1Loss(reduction="none"), at=("heads", 0)).at
        ('heads', 0)
    """

    loss: Output | Loss
    at: Key | tuple[Key, ...] | None = None
    target: Key | tuple[Key, ...] | None = None

"""How a model is trained."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal, get_args

from graftwork.errors import InputError
from graftwork.training.balancing import Balancer, Static
from graftwork.training.engines import EngineName

Converged = Literal["total", "every"]


@dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """How a model is trained.

    Attributes:
        batch_size: Rows a step.
        learning_rate: Of Adam, whose step sizes fall linearly to a tenth of it over the budget in steps.
        check_every: Steps between looks at the validation rows.
        look_rows: Most validation rows that a look reads; they are always the same.
        patience: Looks without a gain before training has converged.
        tolerance: Least relative gain of the validation loss that counts.
        converged: What has to stop gaining before training ends: the `total` loss, or the loss of `every`
            output by itself.
        balancer: How the losses of the outputs become one.
        engine: What makes the steps: `native` code, `eager` PyTorch, or `auto`, the first where it can.
        device: Where the model is trained and where it is afterwards, as PyTorch names it.

    Raises:
        InputError: A number is out of range, or a name is none of those that there are.

    Example:
        >>> TrainingOptions(batch_size=128).batch_size
        128
    """

    batch_size: int = 64
    learning_rate: float = 3e-3
    check_every: int = 50
    look_rows: int = 1000
    patience: int = 4
    tolerance: float = 1e-3
    converged: Converged = "total"
    balancer: Balancer = field(default_factory=Static)
    engine: EngineName = "auto"
    device: str = "cpu"

    def __post_init__(self) -> None:
        for name in ("batch_size", "check_every", "look_rows", "patience"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise InputError(f"{name}: expected a whole number of 1 or more, came {value!r}")
        if not (math.isfinite(self.learning_rate) and self.learning_rate > 0):
            raise InputError(f"learning_rate: expected a positive number, came {self.learning_rate!r}")
        if not 0 <= self.tolerance < 1:
            raise InputError(f"tolerance: expected a number from 0 to below 1, came {self.tolerance!r}")
        for name, known in (("converged", get_args(Converged)), ("engine", get_args(EngineName))):
            if getattr(self, name) not in known:
                raise InputError(f"{name}: expected {', '.join(known)}, came {getattr(self, name)!r}")
        if isinstance(self.balancer, type) or not callable(getattr(self.balancer, "start", None)):
            raise InputError(f"balancer: expected one such as Scaled(), came {self.balancer!r}")

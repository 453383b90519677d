"""How much work may be done."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from numbers import Integral, Real

from graftwork.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Budget:
    """Limits on work; whichever is reached first ends it.

    Attributes:
        steps: Optimiser steps.
        seconds: Seconds of wall-clock time.
        evaluations: Candidates trained and judged.
        macs: Multiply-accumulates of training, forward and backward.

    Raises:
        InputError: If no limit is given, or one is not positive and finite.

    Example:
        >>> budget = Budget(steps=400, seconds=2.5)
        >>> budget.spent(steps=399, seconds=1.0), budget.spent(steps=400, seconds=1.0)
        (False, True)
    """

    steps: int | None = None
    seconds: float | None = None
    evaluations: int | None = None
    macs: int | None = None

    def __post_init__(self) -> None:
        limits = {field.name: getattr(self, field.name) for field in fields(self)}
        if all(limit is None for limit in limits.values()):
            raise InputError(
                "The budget has no limit; give at least one of steps, seconds, evaluations or macs."
            )
        _check("steps", self.steps, Integral, "a positive whole number")
        _check("seconds", self.seconds, Real, "a positive finite number")
        _check("evaluations", self.evaluations, Integral, "a positive whole number")
        _check("macs", self.macs, Integral, "a positive whole number")

    def spent(self, *, steps: int = 0, seconds: float = 0.0, evaluations: int = 0, macs: int = 0) -> bool:
        """Whether work of this size reaches any of the limits."""
        done = (
            (self.steps, steps),
            (self.seconds, seconds),
            (self.evaluations, evaluations),
            (self.macs, macs),
        )
        return any(limit is not None and amount >= limit for limit, amount in done)


def _check(name: str, limit: object, number: type, expected: str) -> None:
    if limit is None:
        return
    good_type = isinstance(limit, number) and isinstance(limit, Real) and not isinstance(limit, bool)
    if not good_type or not math.isfinite(limit) or limit <= 0:  # type: ignore[arg-type, operator]
        raise InputError(f"A budget's {name} must be {expected}, but it is {limit!r}.")

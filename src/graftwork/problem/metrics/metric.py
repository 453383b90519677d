"""What a figure of an output's quality is called, and how it is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from graftwork.problem.outputs import Kind

Direction = Literal["higher", "lower"]


@dataclass(frozen=True)
class Metric:
    """How a figure in `Score.metrics` is read.

    Attributes:
        name: Its name. Of several columns with units of their own each has a figure, `rmse:length`.
        kind: Kind of the outputs that have it.
        unit: What it is measured in.
        direction: Which is better, `higher` or `lower`.
        says: What it tells, and what it does not.
        source: Where it is from.
    """

    name: str
    kind: Kind
    unit: str
    direction: Direction
    says: str
    source: str

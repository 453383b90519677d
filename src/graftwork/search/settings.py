"""How a search is done."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any

from graftwork.architecture import SearchSpace
from graftwork.errors import InputError
from graftwork.search.algorithms import ALGORITHMS
from graftwork.training import TrainingOptions
from graftwork.variation import OPERATORS, structural_names

_COUNTS = ("in_flight", "initial", "initial_steps", "steps", "finalists", "finish_steps", "finish_patience")


@dataclass(frozen=True, kw_only=True)
class SearchSettings:
    """How a search is done, whatever its policy.

    Attributes:
        space: Where architectures are drawn from and whose limits hold.
        operators: Names of the operators that a policy picks from.
        algorithm: Which candidate is varied next: `pareto` or `hill-climbing`.
        in_flight: Candidates that are proposed before the oldest of them is known. What a seed gives depends
            on it and not on the number of workers, of which it is the most that can be at work.
        initial: Random architectures that a run begins with.
        initial_steps: Training of each of them, in steps.
        steps: Training of each later candidate.
        finalists: Candidates that are trained to the end, of which validation rows choose the best.
        finish_steps: Most steps of that last training, which is whole.
        finish_learning_rate: Learning rate of that last training; a smaller one keeps what is there already.
        finish_patience: Looks at validation rows without a gain after which it ends.
        options: How models are trained.
    """

    space: SearchSpace = field(default_factory=SearchSpace.modern)
    operators: tuple[str, ...] = field(default_factory=structural_names)
    algorithm: str = "pareto"
    in_flight: int = 4
    initial: int = 4
    initial_steps: int = 400
    steps: int = 200
    finalists: int = 3
    finish_steps: int = 2000
    finish_learning_rate: float = 1e-3
    finish_patience: int = 10
    options: TrainingOptions = field(default_factory=TrainingOptions)

    def __post_init__(self) -> None:
        OPERATORS.chosen(self.operators)  # refuses what there is not
        if self.algorithm not in ALGORITHMS:
            known = ", ".join(ALGORITHMS)
            raise InputError(f"there is no algorithm '{self.algorithm}'; the algorithms are {known}")
        for name in _COUNTS:
            if getattr(self, name) < 1:
                raise InputError(f"{name} must be at least 1, but it is {getattr(self, name)}")
        if not (math.isfinite(self.finish_learning_rate) and self.finish_learning_rate > 0):
            rate = self.finish_learning_rate
            raise InputError(f"finish_learning_rate must be a positive number, but it is {rate}")

    def spec(self) -> dict[str, Any]:
        """The settings as JSON values, by which a folder is known to hold this run."""
        values = asdict(self)
        values["options"]["balancer"] = repr(self.options.balancer)
        return values

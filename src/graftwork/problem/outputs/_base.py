"""What every kind of output can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Literal, Self

import numpy as np
from torch import Tensor

from graftwork.problem._arrays import Array
from graftwork.problem._weights import Weights

Kind = Literal["classification", "regression", "generation"]


class Output(ABC):
    """A kind of output: how its targets are encoded, trained on and judged.

    A user declares one; a problem fits it to its training rows (`fitted`), which fills in whatever the
    declaration left open. Targets and predictions are then *encoded*: see each kind.

    Attributes:
        kind: Name of the kind.
    """

    kind: ClassVar[Kind]

    @property
    @abstractmethod
    def primary(self) -> str:
        """Metric for people to read."""

    @property
    @abstractmethod
    def decision(self) -> str:
        """Metric that decisions read; a proper score."""

    @property
    @abstractmethod
    def width(self) -> int:
        """Units that a network must feed it; 0 where it is neither declared nor fitted."""

    @abstractmethod
    def tidy(self, target: Array) -> Array:
        """A whole target (rows,) or (rows, *shape), looked over at the door; tidying twice changes nothing.

        Raises:
            InputError: It does not suit the kind or the declaration.
        """

    @abstractmethod
    def fitted(self, target: Array, weights: Weights | None = None) -> Self:
        """This output with what training rows of its target say.

        Args:
            target: Targets of the training rows, (rows,) or (rows, *shape), as the user gave them.
            weights: How much each row counts, (rows,); all alike unless told.

        Raises:
            InputError: The targets do not suit the kind or the declaration.
        """

    @abstractmethod
    def encode(self, target: Array) -> Tensor:
        """Encoded targets of any rows.

        Raises:
            InputError: The targets do not suit what was fitted.
        """

    @abstractmethod
    def decode(self, prediction: Tensor) -> Array:
        """What a prediction (rows, width) says in the user's own terms."""

    @abstractmethod
    def present(self, target: Tensor) -> Tensor:
        """Which rows of an encoded target are not missing; bool (rows,)."""

    @abstractmethod
    def loss(self, prediction: Tensor, target: Tensor, *, complete: bool = False) -> Tensor:
        """Loss of each row, (rows,); zero, with zero gradient, where the target is missing.

        Args:
            prediction: (rows, width).
            target: Encoded, (rows, ...).
            complete: No target is missing, which need not be looked for.
        """

    @abstractmethod
    def errors(self, prediction: Tensor, target: Tensor, weights: Tensor | None = None) -> dict[str, float]:
        """Every metric of the kind over the rows present; lower is better.

        Args:
            prediction: Encoded predictions.
            target: Encoded targets.
            weights: How much each row of the target counts, (rows,); all alike unless told.
        """

    @abstractmethod
    def trivial(self, rows: int, random: np.random.Generator) -> Tensor:
        """What the trivial baseline, fitted on training rows, predicts: (rows, width)."""

    @abstractmethod
    def baseline(self, target: Tensor, weights: Tensor | None = None) -> dict[str, float]:
        """Every metric of the trivial baseline on an encoded target, whose rows may be weighted."""

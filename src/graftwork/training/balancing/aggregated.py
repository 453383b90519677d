"""Gradients of the outputs aggregated, instead of their losses summed; by torchjd."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch import Tensor, nn

from graftwork.errors import InputError, RunError
from graftwork.training.balancing._base import Balance, Fixed

if TYPE_CHECKING:
    from torchjd.aggregation import Aggregator

AGGREGATORS: Mapping[str, str] = {
    "upgrad": "UPGrad",
    "mgda": "MGDA",
    "pcgrad": "PCGrad",
    "aligned": "AlignedMTL",
    "imtl": "IMTLG",
}
"""Names of aggregators, and of their classes in torchjd."""


@dataclass(frozen=True)
class Aggregated:
    """Combines the gradients of the outputs so that a step helps them all, where the sum may hurt some.

    Needs the extra `graftwork[balancing]`, and trains by the PyTorch engine: a gradient an output costs a
    backward pass an output.

    Source: torchjd (https://torchjd.org); the default, UPGrad, is of Quinton and Rey, "Jacobian Descent for
    Multi-Objective Optimization" (2024).

    Attributes:
        aggregator: One of `AGGREGATORS`.

    Raises:
        InputError: No such aggregator.

    Example:
        >>> Aggregated("mgda")
        Aggregated(aggregator='mgda')
    """

    aggregator: str = "upgrad"

    def __post_init__(self) -> None:
        if self.aggregator not in AGGREGATORS:
            raise InputError(f"aggregator: expected one of {sorted(AGGREGATORS)}, came {self.aggregator!r}")

    def start(self, outputs: Sequence[str], *, steps: int | None) -> Balance:
        """An aggregator of its own.

        Raises:
            RunError: torchjd is not installed.
        """
        return Aggregation(_made(self.aggregator))


class Aggregation(Fixed):
    """Aggregates gradients; the engine hands it the losses instead of asking for weights."""

    def __init__(self, aggregator: Aggregator) -> None:
        super().__init__({})
        self._aggregator = aggregator

    def backward(self, losses: Iterable[Tensor], parameters: Iterable[nn.Parameter]) -> None:
        """Add the aggregated gradient of some losses to the `grad` of parameters, keeping the graph."""
        from torchjd.autojac import backward, jac_to_grad

        chosen = list(parameters)
        # One loss at a time: vmap over a backward pass of several is slower for small models.
        backward(list(losses), inputs=chosen, retain_graph=True, parallel_chunk_size=1)
        jac_to_grad(chosen, self._aggregator)


def _made(name: str) -> Aggregator:
    try:
        from torchjd import aggregation
    except ImportError as error:
        raise RunError(
            f"aggregating gradients by {name!r} needs torchjd: pip install 'graftwork[balancing]'"
        ) from error
    made: Aggregator = getattr(aggregation, AGGREGATORS[name])()
    return made

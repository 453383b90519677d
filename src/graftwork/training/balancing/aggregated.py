"""Gradients of the outputs aggregated, instead of their losses summed; by torchjd."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from graftwork.errors import InputError, MissingExtraError
from graftwork.runtime import torch_generator
from graftwork.training.balancing._base import Balance, Fixed

AGGREGATORS: Mapping[str, str] = {
    "upgrad": "UPGrad",
    "mgda": "MGDA",
    "pcgrad": "PCGrad",
    "aligned": "AlignedMTL",
    "imtl": "IMTLG",
}
"""Names of aggregators, and of their classes in torchjd."""

_SUMMING = frozenset({"pcgrad"})
_REGULARISATION = 1e-10


@dataclass(frozen=True)
class Aggregated:
    """Combines the gradients of the outputs so that a step helps them all, where the sum may hurt some.

    Needs the extra `graftwork[balancing]`, and trains by the PyTorch engine: a gradient an output costs a
    backward pass an output. The KL of a decoder belongs to the output that it leads to. An output without a
    gradient in a batch has no say in it.

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

    def start(self, outputs: Sequence[str], *, steps: int | None, seed: int = 0) -> Balance:
        """An aggregator of its own.

        Raises:
            MissingExtraError: torchjd is not installed.
        """
        return Aggregation(_made(self.aggregator), seed=seed, summing=self.aggregator in _SUMMING)


class Aggregation(Fixed):
    """Aggregates gradients; the engine hands it the losses instead of asking for weights."""

    def __init__(self, aggregator: Callable[[Tensor], Tensor], *, seed: int, summing: bool) -> None:
        super().__init__({})
        self._aggregator, self._summing = aggregator, summing
        self._state = torch_generator(seed, 0, "aggregation").get_state()

    def backward(self, losses: Iterable[Tensor], parameters: Iterable[nn.Parameter]) -> None:
        """Make the aggregated gradient of some losses the `grad` of parameters."""
        chosen = list(parameters)
        rows = [
            torch.autograd.grad(loss, chosen, retain_graph=True, materialize_grads=True) for loss in losses
        ]
        combined = self.combine(torch.stack([torch.cat([g.flatten() for g in row]) for row in rows]))
        sizes = [parameter.numel() for parameter in chosen]
        for parameter, gradient in zip(chosen, combined.split(sizes), strict=True):
            parameter.grad = gradient.view_as(parameter)

    def combine(self, gradients: Tensor) -> Tensor:
        """One gradient (size,) of a gradient an output (outputs, size): their sum where nothing conflicts."""
        moving = gradients[gradients.any(dim=1)]
        if len(moving) < 2 or not moving.isfinite().all():
            return moving.sum(dim=0)
        combined = self._drawing_apart(moving.double()).to(gradients)
        return combined if self._summing else combined * len(moving)

    def _drawing_apart(self, gradients: Tensor) -> Tensor:
        """Aggregate; what is drawn for it is drawn by the seed of the training, not from global state."""
        with torch.random.fork_rng(devices=[]):
            torch.set_rng_state(self._state)
            combined = self._aggregator(gradients)
            self._state = torch.get_rng_state()
        return combined


def _made(name: str) -> Callable[[Tensor], Tensor]:
    try:
        from torchjd import aggregation

        return _upgrad() if name == "upgrad" else getattr(aggregation, AGGREGATORS[name])()
    except ImportError as error:
        raise MissingExtraError("balancing", f"aggregating gradients by {name!r}") from error


def _upgrad() -> Callable[[Tensor], Tensor]:
    """UPGrad of gradients made equally long, weighted by their length: the same, but better conditioned.

    Of gradients as they are, its solver is too coarse for those that are a hundred times smaller than others,
    and a step may hurt their outputs.
    """
    from torchjd.aggregation import UPGrad
    from torchjd.linalg import QuadprogProjector

    aggregator = UPGrad(projector=QuadprogProjector(reg_eps=_REGULARISATION))

    def combined(gradients: Tensor) -> Tensor:
        lengths = gradients.norm(dim=1)
        aggregator.pref_vector = lengths / len(lengths)
        made: Tensor = aggregator(gradients / lengths[:, None])
        return made

    return combined

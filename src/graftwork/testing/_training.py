"""Properties of training a child."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from graftwork.architecture import Architecture
from graftwork.model import HeterogeneousModel, Reparameterised, build, with_weights
from graftwork.testing._attempt import Inherited
from graftwork.testing.problems import Rows, random_rows

_RATE = 1e-3
_TRIES = 8
_SHARE_TRAINED = 0.5


def trains(inherited: Inherited) -> tuple[list[str] | None, list[str]]:
    """The child takes a training step; or, where its weights are fresh, every network gets a gradient.

    Chance says which of the two is tried, if any, for both are dear.

    Returns:
        What is broken, and notes: where gradients are all zero for once, in single precision or because every
        unit that passes them on is dead for these rows and weights.
    """
    child, seed = inherited.child, inherited.attempt.seed
    drawn = inherited.attempt.rng.random()
    if drawn > _SHARE_TRAINED:
        return None, []
    if drawn < _SHARE_TRAINED / 2:
        return _step(with_weights(child.architecture, child.tensors), child.rows), []
    blind = _blind(build(child.architecture, seed=seed), child.rows)
    found, notes = _explained(child.architecture, child.rows, blind, seed) if blind else ([], [])
    return found, [*notes, "gradients: tried"]


def _loss(model: HeterogeneousModel, rows: Rows) -> Tensor:
    state = model.run(rows.inputs, latent=Reparameterised(rows.seed))
    errors = [(value - rows.targets[name]).square().mean() for name, value in state.outputs.items()]
    return torch.stack([*errors, *(kl.mean() for kl in state.kl.values())]).sum()


def _step(model: HeterogeneousModel, rows: Rows) -> list[str]:
    loss = _loss(model, rows)
    loss.backward()
    torch.optim.SGD(model.parameters(), lr=_RATE).step()
    if not loss.isfinite():
        return [f"the loss of a training step is {loss.item()}"]
    wrong = [name for name, value in model.named_parameters() if not value.isfinite().all()]
    return [f"a training step makes {name} infinite" for name in wrong[:3]]


def _blind(model: HeterogeneousModel, rows: Rows) -> dict[str, str]:
    """Networks without any gradient, and how it fails."""
    _loss(model, rows).backward()
    of: dict[str, list[Tensor | None]] = {network.name: [] for network in model.architecture.networks}
    for name, parameter in model.named_parameters():
        owner = name.split(".")[1]
        if name.startswith("networks.") and owner in of:
            of[owner].append(parameter.grad)
    return {name: fault for name, gradients in of.items() for fault in _fault(gradients)}


def _fault(gradients: list[Tensor | None]) -> Iterator[str]:
    # Backwards: the bias of the output layer nearly always has one, so that one look is enough.
    there = [gradient for gradient in reversed(gradients) if gradient is not None]
    if not there:
        yield "none"
    elif not any(gradient.any() and gradient.isfinite().all() for gradient in there):
        yield "zero or infinite"


def _explained(
    architecture: Architecture, rows: Rows, blind: dict[str, str], seed: int
) -> tuple[list[str], list[str]]:
    """What is broken, in all weights and rows that are tried, and notes on what is not."""
    left = dict(blind)
    for number in range(_TRIES):
        model, doubled = build(architecture, seed=seed + number).double(), _doubled(rows)
        left = {name: left[name] for name in left.keys() & _blind(model, doubled).keys()}
        if not left:
            return [], ["gradients: underflow" if number == 0 else "gradients: all units dead"]
        rows = random_rows(architecture, seed + number + 1)
    return [f"network {name} gets no gradient ({fault})" for name, fault in sorted(left.items())], []


def _doubled(rows: Rows) -> Rows:
    return Rows(
        {name: value.double() for name, value in rows.inputs.items()},
        {name: value.double() for name, value in rows.targets.items()},
        rows.seed,
    )

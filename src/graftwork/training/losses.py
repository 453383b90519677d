"""What a model loses on each output."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

from graftwork.architecture import Architecture
from graftwork.model import Activations, HeterogeneousModel
from graftwork.problem import Classification, Generation, Problem, Split

_NONE: Mapping[str, Tensor] = {}


def output_losses(
    problem: Problem,
    activations: Activations,
    targets: Mapping[str, Tensor],
    weights: Mapping[str, Tensor] = _NONE,
) -> dict[str, Tensor]:
    """Mean loss of every output that was passed, over the rows whose target is present; scalars.

    For a generation output it is the reconstruction alone.

    Args:
        problem: Whose outputs they are.
        activations: Of a pass.
        targets: Encoded targets of the rows that were passed.
        weights: What the loss of each row is multiplied by, (rows,), of outputs whose rows do not count
            alike; see `loss_weights`. The mean is over the number of rows, not over their weights, so that
            steps on small batches add up to the weighted mean.
    """
    return {
        name: _masked_mean(
            _weighed(problem.outputs[name].loss(prediction, targets[name]), weights.get(name)),
            problem.outputs[name].present(targets[name]),
        )
        for name, prediction in activations.outputs.items()
    }


def _masked_mean(losses: Tensor, present: Tensor) -> Tensor:
    return torch.where(present, losses, 0.0).sum() / present.sum().clamp(min=1)


def _weighed(losses: Tensor, weights: Tensor | None) -> Tensor:
    return losses if weights is None else losses * weights


def latent_losses(
    betas: Mapping[str, float], divergences: Mapping[str, Tensor], weights: Mapping[str, Tensor] = _NONE
) -> dict[str, Tensor]:
    """beta * KL of every decoder that was passed, averaged over rows; scalars.

    Args:
        betas: beta of every decoder.
        divergences: KL of the decoders that were passed, (rows,).
        weights: What the KL of each row is multiplied by, (rows,), where rows do not count alike.
    """
    return {name: betas[name] * _weighed(kl, weights.get(name)).mean() for name, kl in divergences.items()}


def loss_weights(problem: Problem, split: Split, decoders: Iterable[str] = ()) -> dict[str, Tensor]:
    """What the loss of each row is multiplied by, (rows,), 1 on average over the rows that have a target.

    The weight of the row, times that of its class where classes are balanced; of a decoder, whose KL is
    that of the row, the weight of the row alone. Outputs and decoders whose rows count alike are left out.

    Args:
        problem: Says which outputs are balanced.
        split: Rows of it, of which the mean is taken.
        decoders: Names of decoders.

    Example:
        >>> import numpy as np
        >>> from graftwork.problem import Problem
        >>> labels = np.array(["a", "b", "b", "b"] * 10)
        >>> outputs = {"kind": (Classification(balance="balanced"), labels)}
        >>> problem = Problem.from_arrays("rare", inputs={"x": np.arange(40.0)}, outputs=outputs)
        >>> sorted({round(weight, 3) for weight in loss_weights(problem, problem.train)["kind"].tolist()})
        [0.667, 2.0]
    """
    found = {}
    for name, output in problem.outputs.items():
        target = split.targets[name]
        weights = None if split.weights is None else split.weights.double()
        if isinstance(output, Classification) and output.balance != "none":
            of_class = torch.tensor(output.class_weights, dtype=torch.float64, device=target.device)
            of_class = of_class[target.clamp(min=0)]
            weights = of_class if weights is None else weights * of_class
        if weights is not None:
            found[name] = _relative(weights, output.present(target))
    if split.weights is not None:
        everywhere = torch.ones_like(split.weights, dtype=torch.bool)
        found |= dict.fromkeys(decoders, _relative(split.weights.double(), everywhere))
    dtype = next(iter(split.inputs.values())).dtype
    return {name: weights.to(dtype) for name, weights in found.items()}


def _relative(weights: Tensor, present: Tensor) -> Tensor:
    """The same with a mean of 1 over the rows present; as they are where all of those weigh nothing."""
    mean = weights[present].mean() if bool(present.any()) else weights.new_ones(())
    return weights / mean if mean > 0 else weights


def latent_weights(problem: Problem, architecture: Architecture) -> dict[str, float]:
    """beta of every decoder: that of the generation output which it leads to (the first of them)."""
    return {n.name: _beta(problem, architecture, n.name) for n in architecture.networks if n.is_decoder}


def latent_outputs(problem: Problem, architecture: Architecture) -> dict[str, str]:
    """The output whose loss the KL of a decoder is part of, by the name of the decoder.

    The first generation output that it leads to, or the first output where it leads to none of that kind.
    """
    leading: dict[str, str] = {}
    for decoder in (n.name for n in architecture.networks if n.is_decoder):
        reached = architecture.downstream(frozenset({decoder}))
        outputs = [name for name in problem.outputs if name in reached]
        generations = [name for name in outputs if isinstance(problem.outputs[name], Generation)]
        leading[decoder] = (generations or outputs)[0]
    return leading


def _beta(problem: Problem, architecture: Architecture, decoder: str) -> float:
    reached = architecture.downstream(frozenset({decoder}))
    outputs = problem.outputs.items()
    betas = [o.beta for name, o in outputs if name in reached and isinstance(o, Generation)]
    return next((beta for beta in betas if beta is not None), 1.0 / architecture.network(decoder).width)


@torch.no_grad()
def split_losses(
    model: HeterogeneousModel, problem: Problem, split: Split, *, outputs: Iterable[str] | None = None
) -> dict[str, float]:
    """Loss of every output on a split, decoders at the mean of their latent.

    Example:
        >>> import graftwork as gw
        >>> from graftwork.training import split_losses
        >>> problem = gw.load_problem("digits")
        >>> architecture = gw.random_architecture(problem, gw.SearchSpace.modern(), seed=0)
        >>> losses = split_losses(gw.build(architecture, seed=0), problem, problem.validation)
        >>> sorted(losses) == sorted(problem.outputs)
        True
    """
    read = split.to(model.device)
    activations = model.run(read.inputs, outputs=outputs)
    weights = {name: values.to(model.device) for name, values in loss_weights(problem, split).items()}
    losses = output_losses(problem, activations, read.targets, weights)
    return {name: float(loss) for name, loss in losses.items()}

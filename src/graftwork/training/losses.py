"""What a model loses on each output."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

from graftwork.architecture import Architecture
from graftwork.model import Activations, HeterogeneousModel
from graftwork.problem import Generation, Problem, Split


def output_losses(
    problem: Problem, activations: Activations, targets: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """Mean loss of every output that was passed, over the rows whose target is present; scalars.

    For a generation output it is the reconstruction alone.
    """
    return {
        name: _masked_mean(
            problem.outputs[name].loss(prediction, targets[name]), problem, name, targets[name]
        )
        for name, prediction in activations.outputs.items()
    }


def _masked_mean(losses: Tensor, problem: Problem, name: str, target: Tensor) -> Tensor:
    present = problem.outputs[name].present(target)
    return torch.where(present, losses, 0.0).sum() / present.sum().clamp(min=1)


def latent_losses(weights: Mapping[str, float], divergences: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """beta * KL of every decoder that was passed, averaged over rows; scalars.

    Args:
        weights: beta of every decoder.
        divergences: KL of the decoders that were passed, (rows,).
    """
    return {name: weights[name] * kl.mean() for name, kl in divergences.items()}


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
    return {name: float(loss) for name, loss in output_losses(problem, activations, read.targets).items()}

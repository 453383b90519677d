"""Models from architectures, with fresh weights or with those of a parent."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from graftwork.architecture import Architecture, parameter_shapes, require_viable
from graftwork.model.heterogeneous import HeterogeneousModel
from graftwork.model.initialisers import fresh_parameter
from graftwork.runtime import torch_generator
from graftwork.variation import Fresh, Kept, Shared, Variation, Zeros

_SHARE_LIMITS = (0.2, 0.8)


def build(architecture: Architecture, *, seed: int) -> HeterogeneousModel:
    """A model with fresh weights.

    Raises:
        NotViableError: The architecture breaks a rule; the message names every one.

    Example:
        >>> import graftwork as gw
        >>> problem = gw.load_problem("digits")
        >>> architecture = gw.random_architecture(problem, gw.SearchSpace.modern(), seed=0)
        >>> model = gw.build(architecture, seed=0)
        >>> sum(p.numel() for p in model.parameters()) == gw.complexity(architecture).parameters
        True
    """
    require_viable(architecture)
    generator = torch_generator(seed, 0, "weights")
    shapes = parameter_shapes(architecture)
    weights = {name: fresh_parameter(architecture, name, shape, generator) for name, shape in shapes.items()}
    return with_weights(architecture, weights)


def with_weights(architecture: Architecture, weights: Mapping[str, Tensor]) -> HeterogeneousModel:
    """A model with these weights; every parameter must be there, in its shape."""
    model = HeterogeneousModel(architecture)
    model.load_state_dict(dict(weights))
    return model


def inherit(model: HeterogeneousModel, variation: Variation, *, seed: int) -> HeterogeneousModel:
    """The child of a variation, with the weights that its plan carries over and the others drawn fresh.

    Args:
        model: The parent; it stays as it is.
        variation: What was done to `model.architecture`.
        seed: Seed of the fresh weights.

    Example:
        >>> import graftwork as gw
        >>> problem = gw.load_problem("digits")
        >>> parent = gw.random_architecture(problem, gw.SearchSpace.modern(), seed=0)
        >>> clone = gw.OPERATORS["clone_network"]
        >>> variation = clone.apply(parent, clone.sites(parent)[0], seed=1)
        >>> child = gw.inherit(gw.build(parent, seed=0), variation, seed=2)
        >>> len(child.architecture.networks) - len(parent.networks)
        1
    """
    if model.architecture != variation.parent:
        raise ValueError("the variation is of another architecture than the model's")
    generator = torch_generator(seed, 0, "inheritance")
    child, parent = variation.architecture, model.state_dict()
    weights: dict[str, Tensor] = {}
    for name, shape in parameter_shapes(child).items():
        origin = variation.inheritance[name]
        if isinstance(origin, Fresh):
            weights[name] = fresh_parameter(child, name, shape, generator)
        else:
            weights[name] = _inherited(origin, shape, parent)
    return with_weights(child, weights)


def _inherited(origin: Kept | Zeros | Shared, shape: tuple[int, ...], parent: Mapping[str, Tensor]) -> Tensor:
    if isinstance(origin, Zeros):
        return torch.zeros(shape)
    value = parent[origin.parameter]
    if isinstance(origin, Kept):
        return value.clone()
    low, high = _SHARE_LIMITS
    drawn = torch.rand(shape, generator=torch_generator(origin.seed, origin.parameter, "share"))
    share = value * (low + (high - low) * drawn)
    return value - share if origin.remainder else share

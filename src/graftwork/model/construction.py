"""Models from architectures, with fresh weights or with those of a parent."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from torch import Tensor

from graftwork.architecture import Architecture, parameter_shapes, require_viable
from graftwork.errors import InputError
from graftwork.model.heterogeneous import HeterogeneousModel
from graftwork.model.initialisers import Drawn, fresh_parameter
from graftwork.runtime import torch_generator
from graftwork.variation import Variation, Weights


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
    numbers = Drawn(torch_generator(seed, 0, "weights"))
    shapes = parameter_shapes(architecture)
    weights = {name: fresh_parameter(architecture, name, shape, numbers) for name, shape in shapes.items()}
    return with_weights(architecture, weights)


def with_weights(architecture: Architecture, weights: Mapping[str, Tensor]) -> HeterogeneousModel:
    """A model with these weights.

    Raises:
        InputError: A parameter is missing, unknown, of another shape, or not of floating point.
    """
    _check_weights(architecture, weights)
    model = HeterogeneousModel(architecture)
    model.load_state_dict(dict(weights))
    return model


def _check_weights(architecture: Architecture, weights: Mapping[str, Tensor]) -> None:
    # Before the model takes memory: its size is what the architecture says, theirs is that of a file.
    expected = parameter_shapes(architecture)
    if weights.keys() != expected.keys():
        odd = sorted(expected.keys() ^ weights.keys())
        raise InputError(f"weights: expected those of the architecture's parameters, but {odd[0]!r} differs")
    for name, shape in expected.items():
        tensor = weights[name]
        if tuple(tensor.shape) != tuple(shape) or not tensor.is_floating_point():
            raise InputError(
                f"weights: expected floating point of shape {tuple(shape)} for {name!r}, "
                f"came {tensor.dtype} of shape {tuple(tensor.shape)}"
            )


def inherit(
    model: HeterogeneousModel,
    variation: Variation,
    *,
    seed: int,
    donor: HeterogeneousModel | None = None,
) -> HeterogeneousModel:
    """The child of a variation, with the weights that its plan carries over and the others drawn fresh.

    Args:
        model: The parent; it stays as it is.
        variation: What was done to `model.architecture`.
        seed: Seed of the fresh weights.
        donor: Where the variation grafts: the model that the network is taken from.

    Raises:
        InputError: The model is not of the variation's parent, or the donor not of its donor.

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
        raise InputError("the variation is of another architecture than the model's")
    if (donor.architecture if donor else None) != variation.donor:
        expected = "the model that its network comes from" if variation.donor else "no donor"
        raise InputError(f"{variation.operator} at {variation.site} expects {expected}, and another one came")
    generator = torch_generator(seed, 0, "inheritance")
    child, parent = variation.architecture, model.state_dict()
    given = donor.state_dict() if donor else {}
    weights: dict[str, Tensor] = {}
    for name, shape in parameter_shapes(child).items():
        draw = partial(fresh_parameter, child, name, numbers=Drawn(generator))
        weights[name] = variation.inheritance[name].value(Weights(parent, given, shape, draw))
    return with_weights(child, weights)

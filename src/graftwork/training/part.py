"""The part of a model that is trained."""

from __future__ import annotations

from graftwork.model import HeterogeneousModel


def is_trained(parameter: str, part: frozenset[str]) -> bool:
    """Whether a parameter is of a network of the part, or the gain through which one reaches an output.

    Example:
        >>> [is_trained(name, frozenset({"n1"})) for name in ("networks.n1.bias_0", "outputs.y.gain_n2")]
        [True, False]
    """
    owner = parameter.split(".")[1] if parameter.startswith("networks.") else parameter.rpartition("gain_")[2]
    return owner in part


def freeze_rest(model: HeterogeneousModel, part: frozenset[str]) -> None:
    """Let the parameters of a part require gradients, and no others."""
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(is_trained(name, part))

"""The search space: what a random network is drawn from, and how large an architecture may grow."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, Self

from graftwork.architecture._counts import is_count, is_share
from graftwork.architecture.activations import ACTIVATIONS, INITIALISERS, NORMALISATIONS
from graftwork.errors import InputError

Range = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class SearchSpace:
    """Choices for random networks, and limits that every architecture of a search keeps.

    Attributes:
        name: What it is called in messages and records.
        max_networks: Most sub-networks of an architecture.
        max_connections: Most connections of an architecture.
        hidden_layers: Fewest and most hidden layers of a network.
        widths: Fewest and most units of a hidden layer. Output layers hold to the upper bound too,
            unless they feed an output, which asks for its own width.
        latents: Fewest and most latent units of a decoder.
        activations: Activations to draw from.
        activation_per_layer: Whether each hidden layer draws its own activation, or each network one for all.
        initialisers: Initialisers to draw from.
        normalisations: Normalisations to draw from.
        residuals: Whether hidden layers may be residual: one or both of the two truth values.
        dropouts: Shares of hidden units to leave out while training, to draw from; decoders keep all.
        min_parameters: Where the complexity objective starts; no limit.
        max_parameters: Most parameters of an architecture.

    Raises:
        InputError: A limit or a choice that makes no sense.

    Example:
        >>> SearchSpace.modern(max_networks=4).max_networks
        4
    """

    name: str
    max_networks: int
    max_connections: int
    hidden_layers: Range
    widths: Range
    latents: Range
    activations: tuple[str, ...]
    activation_per_layer: bool
    initialisers: tuple[str, ...]
    normalisations: tuple[Literal["none", "layer"], ...]
    residuals: tuple[bool, ...]
    dropouts: tuple[float, ...]
    min_parameters: int
    max_parameters: int

    def __post_init__(self) -> None:
        for limit in ("max_networks", "max_connections", "min_parameters", "max_parameters"):
            _check_count(limit, getattr(self, limit))
        _check_range("hidden_layers", self.hidden_layers, least=0)
        _check_range("widths", self.widths, least=1)
        _check_range("latents", self.latents, least=1)
        _check_choices("activations", self.activations, ACTIVATIONS)
        _check_choices("initialisers", self.initialisers, INITIALISERS)
        _check_choices("normalisations", self.normalisations, NORMALISATIONS)
        _check_choices("residuals", self.residuals, (False, True))
        _check_shares("dropouts", self.dropouts)
        if self.min_parameters >= self.max_parameters:
            raise InputError(
                "min_parameters must be below max_parameters, got "
                f"{self.min_parameters} and {self.max_parameters}"
            )

    @classmethod
    def paper(cls, **overrides: Any) -> Self:
        """The source paper's space: 2 to 9 hidden layers of 5 to 99 units, an activation drawn per layer.

        Source: Garciarena, Santana and Mendiburu (IEEE TNNLS 2023); initialisers are scaled by fan-in here.
        """
        choices = {
            "name": "paper",
            "hidden_layers": (2, 9),
            "widths": (5, 99),
            "latents": (5, 50),
            "activations": ACTIVATIONS[:8],
            "activation_per_layer": True,
            "initialisers": ("xavier", "uniform", "normal"),
            "normalisations": ("none",),
            "residuals": (False,),
            "dropouts": (0.0,),
        }
        return cls(**_preset(choices, overrides))

    @classmethod
    def modern(cls, **overrides: Any) -> Self:
        """Up to three hidden layers, one activation per network, He initialisation.

        Layer normalisation, residual layers and dropout may be there or not; without hidden layers a network
        is linear.
        """
        choices = {
            "name": "modern",
            "hidden_layers": (0, 3),
            "widths": (16, 128),
            "latents": (4, 32),
            "activations": ("relu", "gelu", "silu", "tanh"),
            "activation_per_layer": False,
            "initialisers": ("he",),
            "normalisations": ("none", "layer"),
            "residuals": (False, True),
            "dropouts": (0.0, 0.2),
        }
        return cls(**_preset(choices, overrides))


SPACES: Mapping[str, Callable[..., SearchSpace]] = {"paper": SearchSpace.paper, "modern": SearchSpace.modern}


def load_space(name: str, **overrides: Any) -> SearchSpace:
    """The search space of this name, with some of its limits or choices replaced.

    Raises:
        InputError: There is no such space, or no such limit.

    Example:
        >>> load_space("paper").hidden_layers
        (2, 9)
    """
    if name not in SPACES:
        near = difflib.get_close_matches(str(name), SPACES, n=1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        raise InputError(f"unknown search space {name!r}, expected one of {', '.join(SPACES)}{hint}")
    return SPACES[name](**overrides)


_LIMITS = {"max_networks": 8, "max_connections": 24, "min_parameters": 1_000, "max_parameters": 1_000_000}


def _preset(choices: dict[str, Any], overrides: dict[str, Any]) -> dict[str, Any]:
    known = {field.name for field in fields(SearchSpace)}
    if unknown := sorted(set(overrides) - known):
        raise InputError(f"a search space has no {', '.join(unknown)}; it has {', '.join(sorted(known))}")
    return {**_LIMITS, **choices, **overrides}


def _check_count(name: str, value: int) -> None:
    if not is_count(value) or value < 1:
        raise InputError(f"{name} must be a whole number of at least 1, got {value!r}")


def _check_range(name: str, value: Range, *, least: int) -> None:
    pair = isinstance(value, tuple) and len(value) == 2 and all(is_count(bound) for bound in value)
    if not pair or not least <= value[0] <= value[1]:
        raise InputError(f"{name} must be a pair (low, high) with {least} <= low <= high, got {value!r}")


def _check_shares(name: str, value: tuple[float, ...]) -> None:
    if not isinstance(value, tuple) or not value or not all(map(is_share, value)):
        raise InputError(f"{name} must be a tuple of shares of at least 0 and below 1, got {value!r}")
    if len(set(value)) < len(value):
        raise InputError(f"{name} holds a choice twice: {value!r}")


def _check_choices(name: str, value: tuple[Any, ...], known: tuple[Any, ...]) -> None:
    if not isinstance(value, tuple) or not value:
        raise InputError(f"{name} must be a tuple with at least one of {known}, got {value!r}")
    if strange := [choice for choice in value if choice not in known]:
        raise InputError(f"{name} holds {strange!r}, expected only {known}")
    if len(set(value)) < len(value):
        raise InputError(f"{name} holds a choice twice: {value!r}")

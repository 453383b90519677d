"""Small problems, as far as architectures depend on them, and random rows for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor

from graftwork.architecture import Architecture, InputNode
from graftwork.runtime import torch_generator

_ROWS = 5


@dataclass(frozen=True)
class Port:
    """An input or output of a made-up problem."""

    width: int
    kind: Literal["", "classification", "regression", "generation"] = ""
    shape: tuple[int, ...] = ()
    categories: tuple[str, ...] | None = None


@dataclass(frozen=True)
class SmallProblem:
    """What an architecture needs to know of a problem, without data."""

    inputs: Mapping[str, Port] = field(default_factory=dict)
    outputs: Mapping[str, Port] = field(default_factory=dict)


_IMAGE = (1, 6, 6)
# Some names are like those of parameters and of methods of torch's modules, on purpose.
_ONE = SmallProblem({"pixels": Port(5)}, {"digit": Port(3, "classification")})
_TWO = SmallProblem(
    {"pixels": Port(7), "bias_level": Port(1)},
    {"type": Port(2, "regression"), "image": Port(6, "generation")},
)
_IMAGES = SmallProblem(
    {"photo": Port(36, shape=_IMAGE)},
    {
        "digit": Port(4, "classification"),
        "image": Port(36, "generation", _IMAGE),
        "size": Port(1, "regression"),
    },
)
_FOUR = SmallProblem(
    {"photo": Port(36, shape=_IMAGE), "age": Port(3)},
    {
        "digit": Port(3, "classification"),
        "type": Port(2, "regression"),
        "image": Port(8, "generation"),
        "colour": Port(2, "classification"),
    },
)
_CATEGORIES = SmallProblem(
    {"pixels": Port(4), "colour": Port(1, categories=("red", "green", "blue"))},
    {"digit": Port(3, "classification"), "size": Port(2, "regression"), "image": Port(6, "generation")},
)
PROBLEMS = (_ONE, _TWO, _IMAGES, _FOUR, _CATEGORIES)


@dataclass(frozen=True)
class Rows:
    """Random inputs and targets, and the seed of whatever else is drawn for them."""

    inputs: Mapping[str, Tensor]
    targets: Mapping[str, Tensor]
    seed: int


def random_rows(architecture: Architecture, seed: int) -> Rows:
    """Standard normal rows for every input and output; codes, unknown ones among them, for categories."""
    noise = torch_generator(seed, 0, "rows")
    return Rows(
        inputs={node.name: _input(node, noise) for node in architecture.inputs},
        targets={
            node.name: torch.randn((_ROWS, node.width), generator=noise) for node in architecture.outputs
        },
        seed=seed,
    )


def _input(node: InputNode, noise: torch.Generator) -> Tensor:
    if node.categories:
        return torch.randint(-1, node.categories, (_ROWS, 1), generator=noise).float()
    return torch.randn((_ROWS, node.width), generator=noise)

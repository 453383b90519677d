"""Parents, chains of operators, models and a small problem that the tests of several packages share."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from hypothesis import strategies as st
from tests.architecture.samples import Asked, Port
from torch import Tensor

from graftwork.architecture import Architecture, SearchSpace, random_architecture
from graftwork.model import HeterogeneousModel, build
from graftwork.problem import Classification, Generation, Problem, Regression
from graftwork.runtime import generator, torch_generator
from graftwork.variation import OPERATORS, Operator, Refusal, Site, Variation

SPACES = (SearchSpace.paper(), SearchSpace.modern())
# Names on purpose like those of parameters and of methods of torch's modules.
ASKED = Asked(
    inputs={"pixels": Port(7), "bias_level": Port(1)},
    outputs={
        "digit": Port(3, "classification"),
        "type": Port(2, "regression"),
        "image": Port(6, "generation"),
    },
)
NOTHING = torch.empty(0)

seeds = st.integers(0, 10**6)
spaces = st.sampled_from(SPACES)
parents = st.builds(lambda space, seed: (space, random_architecture(ASKED, space, seed=seed)), spaces, seeds)


def operator_sites(architecture: Architecture) -> list[tuple[Operator, Site]]:
    """Every operator at every of its sites."""
    return [(operator, site) for operator in OPERATORS.values() for site in operator.sites(architecture)]


@st.composite
def chains(draw: st.DrawFn, length: int = 8, preserving: bool = False) -> tuple[SearchSpace, list[Variation]]:
    """Operators one after the other, each applied to what the one before made; refusals are skipped."""
    space, architecture = draw(parents)
    rng = np.random.default_rng(draw(seeds))
    chain: list[Variation] = []
    for _ in range(4 * length):
        operator = list(OPERATORS.values())[rng.integers(len(OPERATORS))]
        sites = operator.sites(architecture)
        if not sites:
            continue
        seed = int(rng.integers(2**31))
        variation = operator.apply(architecture, sites[rng.integers(len(sites))], seed=seed, space=space)
        if not isinstance(variation, Refusal) and (variation.preserves or not preserving):
            chain.append(variation)
            architecture = variation.architecture
        if len(chain) == length:
            break
    return space, chain


def rough_model(architecture: Architecture, seed: int) -> HeterogeneousModel:
    """A model none of whose parameters is 0 or 1, as those of a trained one are not."""
    model, noise = build(architecture, seed=seed), torch_generator(seed, 0, "rough")
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.1 * torch.randn(parameter.shape, generator=noise)
    return model


def random_inputs(architecture: Architecture, rows: int, seed: int) -> dict[str, Tensor]:
    """Standard normal rows for every input."""
    noise = torch_generator(seed, 0, "rows")
    return {node.name: torch.randn((rows, node.width), generator=noise) for node in architecture.inputs}


@cache
def small_problem(*, missing: bool = False, rows: int = 300) -> Problem:
    """One output of every kind, learnable from two inputs; half of the targets missing where asked for."""
    rng = generator(0, rows, "small problem")
    hidden = rng.normal(size=(rows, 2))
    pixels = hidden @ rng.normal(size=(2, 7)) + 0.1 * rng.normal(size=(rows, 7))
    digit = np.digitize(hidden[:, 0], [-0.4, 0.4])
    amount = np.stack([hidden[:, 0] * hidden[:, 1], hidden[:, 1]], axis=1)
    image = np.tanh(hidden @ rng.normal(size=(2, 6))) + 0.05 * rng.normal(size=(rows, 6))
    if missing:
        for column, target in enumerate((amount, image)):
            target[column::3] = np.nan
        digit[::2] = -1
    return Problem.from_arrays(
        "small",
        inputs={"pixels": pixels, "bias_level": rng.normal(size=rows)},
        outputs={
            "digit": (Classification(), digit),
            "type": (Regression(), amount),
            "image": (Generation(), image),
        },
    )


def small_architecture(seed: int, space: SearchSpace | None = None) -> Architecture:
    """A random architecture for `small_problem`."""
    return random_architecture(small_problem(), space or SearchSpace.modern(), seed=seed)

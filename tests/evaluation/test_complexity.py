"""Complexity, against what torch counts and paths walked one by one."""

from __future__ import annotations

from hypothesis import given
from tests.variation.samples import parents, random_inputs
from torch.utils.flop_counter import FlopCounterMode

from graftwork.architecture import (
    Architecture,
    SearchSpace,
)
from graftwork.evaluation import complexity
from graftwork.model import build


@given(parents)
def test_parameters_are_those_of_the_model_and_macs_those_that_torch_counts(
    parent: tuple[SearchSpace, Architecture],
) -> None:
    model, figures = build(parent[1], seed=0), complexity(parent[1])
    assert figures.parameters == sum(parameter.numel() for parameter in model.parameters())
    with FlopCounterMode(display=False) as counter:
        model(random_inputs(parent[1], 3, 0))
    assert figures.macs == counter.get_total_flops() // (2 * 3)


@given(parents)
def test_depth_and_layers_are_those_of_the_longest_path(parent: tuple[SearchSpace, Architecture]) -> None:
    architecture = parent[1]

    def longest(name: str, layers: bool) -> int:
        if name not in architecture.network_names:
            return 0
        own = len(architecture.network(name).hidden) + 1 if layers else 1
        ways = [
            longest(connection.source, layers) + (layers and connection.role == "stochastic")
            for connection in architecture.incoming(name)
        ]
        return own + max(ways)

    figures = complexity(architecture)
    assert figures.depth == max(longest(name, False) for name in architecture.network_names)
    assert figures.layers == max(longest(name, True) for name in architecture.network_names)

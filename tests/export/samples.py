"""Models to be exported, and many of them as one graph: a file takes a second or more, whatever is in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from tests.variation.samples import rough_model
from torch import Tensor, nn

from graftwork.architecture import SearchSpace, random_architecture
from graftwork.export._files import Answer
from graftwork.export._graphs import Graph
from graftwork.model import HeterogeneousModel
from graftwork.problem import Problem


def model_of(problem: Problem, space: SearchSpace, seed: int = 0) -> HeterogeneousModel:
    return rough_model(random_architecture(problem, space, seed=seed), seed)


class _Together(nn.Module):
    def __init__(self, graphs: Sequence[Graph]) -> None:
        super().__init__()
        self.parts = nn.ModuleList(graph.module for graph in graphs)
        self.counts = [len(graph.inputs) for graph in graphs]

    def forward(self, *feeds: Tensor) -> tuple[Tensor, ...]:
        found: list[Tensor] = []
        start = 0
        for part, count in zip(self.parts, self.counts, strict=True):
            found += part(*feeds[start : start + count])
            start += count
        return tuple(found)


def together(graphs: Sequence[Graph]) -> Graph:
    """Graphs side by side, the name of every port after the place of its graph."""
    inputs, outputs = (
        tuple(
            replace(port, name=f"{place}.{port.name}")
            for place, graph in enumerate(graphs)
            for port in getattr(graph, ports)
        )
        for ports in ("inputs", "outputs")
    )
    return Graph("together", _Together(graphs), (), inputs, outputs)


def alone(answer: Answer, graphs: Sequence[Graph], place: int) -> Answer:
    """What one of them answers, of a file that holds them all; the others are fed zeros."""
    start = sum(len(graph.outputs) for graph in graphs[:place])
    end = start + len(graphs[place].outputs)

    def part(feeds: Mapping[str, Any]) -> list[Any]:
        rows = len(next(iter(feeds.values())))
        whole = {
            f"{number}.{port.name}": feeds[port.name]
            if number == place
            else np.zeros((rows, *port.shape), dtype=port.dtype)
            for number, graph in enumerate(graphs)
            for port in graph.inputs
        }
        return answer(whole)[start:end]

    return part

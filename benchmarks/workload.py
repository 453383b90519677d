"""The architectures that the benchmarks of training run on, and rows for them.

`data/workload_graphs.json` holds twenty models as the published research code draws them: one input of 2,352
numbers; a regression of 32, a classification of 10 and a generation of 2,352. Here a decoder reads the mean
and log-variance of its latent from its stochastic inputs by weights of its own, where that code halves the
inputs; everything else is as it is told there.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from graftwork import Classification, Generation, Problem, Regression
from graftwork.architecture import (
    ACTIVATIONS,
    Architecture,
    Connection,
    InputNode,
    Layer,
    Network,
    OutputNode,
)

GRAPHS = Path(__file__).with_name("data") / "workload_graphs.json"
INPUT, REGRESSED, CLASSES, GENERATED = 2352, 32, 10, 2352
_OUTPUTS = (
    OutputNode("o0", "regression", REGRESSED),
    OutputNode("o1", "classification", CLASSES),
    OutputNode("o2", "generation", GENERATED),
)


def workload(path: Path = GRAPHS) -> dict[str, Architecture]:
    """The architectures of a file, by name; where it cannot be read so, the program ends and says why."""
    try:
        graphs = json.loads(path.read_text(encoding="utf-8"))["graphs"]
        made = {name: _architecture(graph["networks"]) for name, graph in graphs.items()}
        for name, architecture in made.items():
            _check(name, architecture, graphs[name]["networks"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SystemExit(f"{path} holds no architectures of the workload: {error!r}") from error
    return made or sys.exit(f"{path} holds no architecture")


def _check(name: str, architecture: Architecture, told: list[Mapping[str, Any]]) -> None:
    """Refuse what would be timed as something else than the file says."""
    widths = {node.name: node.width for node in architecture.inputs}
    widths |= {network.name: network.width for network in architecture.networks}
    for network in told:
        what = f"network {network['id']!r} of graph {name!r}"
        if network["kind"] not in ("regressor", "discretizer", "decoder"):
            raise ValueError(f"{what} is of kind {network['kind']!r}")
        if unknown := set(network["activations"]) - {"none", *ACTIVATIONS}:
            raise ValueError(f"{what} has the unknown activations {sorted(unknown)}")
        if len(network["activations"]) != len(network["widths"]) - 1:
            raise ValueError(f"{what} has {len(network['activations'])} activations for its layers")
        if strange := set(network["sources"]) - widths.keys():
            raise ValueError(f"{what} reads {sorted(strange)}, which are not there")
        read = sum(widths[source] for source in network["sources"])
        if network["kind"] != "decoder" and network["widths"][0] != read:
            raise ValueError(f"{what} reads {read} numbers, not {network['widths'][0]}")
    if {"o0", "o1", "o2"} - {output for network in told for output in network["feeds_outputs"]}:
        raise ValueError(f"graph {name!r} leaves an output without a network")
    _ = architecture.order


@cache
def synthetic(rows: int = 3000) -> Problem:
    """Rows with something to learn in them: every array is a smooth function of a few hidden numbers."""
    rng = np.random.default_rng(0)
    hidden = rng.standard_normal((rows, 12))

    def observed(width: int) -> np.ndarray[Any, np.dtype[np.float64]]:
        return np.tanh(hidden @ rng.standard_normal((12, width)) * 0.5) + 0.1 * rng.standard_normal(
            (rows, width)
        )

    return Problem.from_arrays(
        "synthetic",
        inputs={"i0": observed(INPUT)},
        outputs={
            "o0": (Regression(), observed(REGRESSED)),
            "o1": (Classification(), observed(CLASSES).argmax(axis=1)),
            "o2": (Generation(), observed(GENERATED)),
        },
    )


def _architecture(networks: list[Mapping[str, Any]]) -> Architecture:
    return Architecture(
        inputs=(InputNode("i0", INPUT),),
        networks=tuple(_network(network) for network in networks),
        outputs=_OUTPUTS,
        connections=tuple(connection for network in networks for connection in _connections(network)),
    )


def _network(told: Mapping[str, Any]) -> Network:
    activations = ["identity" if name == "none" else name for name in told["activations"]]
    widths = told["widths"][1:-1]
    hidden = tuple(Layer(width, name) for width, name in zip(widths, activations[: len(widths)], strict=True))
    latent = told["widths"][0] if told["kind"] == "decoder" else 0
    return Network(told["id"], told["kind"], told["widths"][-1], hidden, latent=latent, initialiser="xavier")


def _connections(told: Mapping[str, Any]) -> list[Connection]:
    into = [
        Connection(
            source,
            told["id"],
            role="input"
            if told["kind"] != "decoder"
            else "stochastic"
            if source in told["stochastic"]
            else "condition",
        )
        for source in told["sources"]
    ]
    return into + [Connection(told["id"], output) for output in told["feeds_outputs"]]

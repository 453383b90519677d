"""What it costs to check, hash, write, read and vary an architecture, and how that grows with its size.

For random graphs of 25 to 200 networks with five connections a network, medians of repeated calls on values
that were just made, so that nothing is cached. `exponent` is the slope of log time over log size between the
smallest and the largest: 1 is linear. Goal: under 50 ms each at 200 networks and 1,000 connections, and an
exponent near 1. Listing the sites of operators on pairs of nodes cannot be linear: there are too many.

    python benchmarks/graph_operations.py [--json]
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from graftwork.architecture import Architecture, SearchSpace, canonical_hash, random_architecture, violations
from graftwork.testing import with_donor
from graftwork.variation import OPERATORS, Operator, Refusal, Site

SIZES = (25, 50, 100, 200)
CONNECTIONS_A_NETWORK = 5
REPEATS = 7


@dataclass(frozen=True)
class _Port:
    width: int
    kind: str = ""


@dataclass(frozen=True)
class _Problem:
    inputs: Mapping[str, _Port]
    outputs: Mapping[str, _Port]


PROBLEM = _Problem(
    inputs={"pixels": _Port(64), "age": _Port(1)},
    outputs={
        "digit": _Port(10, "classification"),
        "histogram": _Port(16, "regression"),
        "sample": _Port(64, "generation"),
    },
)


def grown(networks: int, seed: int = 0) -> Architecture:
    """A random architecture, divided until it has so many networks, with five connections for each."""
    space = SearchSpace.modern(max_networks=networks, max_connections=5 * networks, max_parameters=10**12)
    space = replace(space, max_macs=10**12)
    rng = np.random.default_rng(seed)
    architecture = random_architecture(PROBLEM, replace(space, max_networks=min(networks, 25)), seed=seed)
    while len(architecture.networks) < networks:
        architecture = _applied(OPERATORS["divide_connection"], architecture, rng)
    while len(architecture.connections) < CONNECTIONS_A_NETWORK * networks:
        architecture = _applied(OPERATORS["add_connection"], architecture, rng)
    return architecture


def _applied(operator: Operator, architecture: Architecture, rng: np.random.Generator) -> Architecture:
    sites = operator.sites(architecture)
    made = operator.apply(architecture, sites[int(rng.integers(len(sites)))], seed=0)
    return architecture if isinstance(made, Refusal) else made.architecture


def measure(architecture: Architecture) -> dict[str, float]:
    """Milliseconds of each operation."""
    text = architecture.to_json()
    times = {
        "check": _median(lambda fresh: violations(fresh), architecture),
        "hash": _median(lambda fresh: canonical_hash(fresh), architecture),
        "to JSON": _median(lambda fresh: fresh.to_json(), architecture),
        "from JSON": _median(lambda fresh: Architecture.from_json(text), architecture),
    }
    for name, one in OPERATORS.items():
        operator = with_donor(one, architecture)
        sites = operator.sites(architecture)
        times[f"sites: {name}"] = _median(operator.sites, architecture)
        if sites:
            times[f"apply: {name}"] = statistics.median(
                _median(partial(operator.apply, site=site, seed=0), architecture) for site in _spread(sites)
            )
    return times


def _spread(sites: list[Site]) -> list[Site]:
    return [sites[index] for index in sorted({0, len(sites) // 3, 2 * len(sites) // 3, len(sites) - 1})]


def _median(call: Callable[[Architecture], object], architecture: Architecture) -> float:
    times = []
    for _ in range(REPEATS):
        fresh = replace(architecture)
        begun = time.perf_counter()
        call(fresh)
        times.append(1000 * (time.perf_counter() - begun))
    return statistics.median(times)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON value")
    as_json = parser.parse_args().json
    found = {size: measure(grown(size)) for size in SIZES}
    small, large = SIZES[0], SIZES[-1]
    growth = {name: found[large][name] / found[small].get(name, math.nan) for name in found[large]}
    rows = {
        name: {str(size): found[size].get(name, math.nan) for size in SIZES}
        | {"exponent": math.log(growth[name]) / math.log(large / small)}
        for name in found[large]
    }
    if as_json:
        print(json.dumps({"unit": "ms", "connections_a_network": CONNECTIONS_A_NETWORK, "operations": rows}))
        return
    print(f"{'ms':36}" + "".join(f"{size:>9}" for size in SIZES) + f"{'exponent':>10}")
    for name, row in rows.items():
        print(f"{name:36}" + "".join(f"{row[str(size)]:9.2f}" for size in SIZES) + f"{row['exponent']:10.2f}")


if __name__ == "__main__":
    main()

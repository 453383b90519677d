"""Figures of a component that the graph alone gives."""

from __future__ import annotations

import math
from typing import ClassVar

from graftwork.architecture import Architecture, parameter_shapes
from graftwork.diagnosis._diagnosis import Finding, Subject


class Structure:
    """Outputs reached, exclusive or shared [paper], depth, degrees, share of parameters.

    Source: Garciarena, Santana and Mendiburu (IEEE TNNLS 2023) for exclusive and shared networks.
    """

    names: ClassVar[tuple[str, ...]] = (
        "reaches",
        "exclusive",
        "depth",
        "in_degree",
        "out_degree",
        "parameter_share",
    )
    unit: ClassVar[str] = "count, or share from 0 to 1"

    def measure(self, subject: Subject) -> list[Finding]:
        """Findings for every network."""
        architecture = subject.model.architecture
        shares, depths = _parameter_shares(architecture), _depths(architecture)
        findings: list[Finding] = []
        for name in architecture.order:
            reached = architecture.downstream(frozenset({name})) & architecture.output_names
            findings += [
                Finding(name, o, "reaches", float(o in reached)) for o in sorted(architecture.output_names)
            ]
            findings += [
                Finding(name, None, "exclusive", float(len(reached) == 1)),
                Finding(name, None, "depth", float(depths[name])),
                Finding(name, None, "in_degree", float(len(architecture.incoming(name)))),
                Finding(name, None, "out_degree", float(len(architecture.outgoing(name)))),
                Finding(name, None, "parameter_share", shares[name]),
            ]
        return findings


def _parameter_shares(architecture: Architecture) -> dict[str, float]:
    sizes = dict.fromkeys(architecture.order, 0)
    for parameter, shape in parameter_shapes(architecture).items():
        owner = parameter.split(".")[1]
        if parameter.startswith("networks."):
            sizes[owner] += math.prod(shape)
    total = sum(sizes.values())
    return {name: size / total for name, size in sizes.items()}


def _depths(architecture: Architecture) -> dict[str, int]:
    depths: dict[str, int] = {}
    for name in architecture.order:
        depths[name] = 1 + max((depths.get(source, 0) for source in architecture.sources(name)), default=0)
    return depths

"""Figures of a component that the graph alone gives."""

from __future__ import annotations

from typing import ClassVar

from graftwork.diagnosis._diagnosis import Finding
from graftwork.diagnosis._metric import MetricInfo
from graftwork.diagnosis.subject import Subject


class Structure:
    """Outputs reached, exclusive or shared [paper], depth, degrees, share of parameters.

    Source: Garciarena, Santana and Mendiburu (IEEE TNNLS 2023) for exclusive and shared networks.
    """

    infos: ClassVar[tuple[MetricInfo, ...]] = (
        MetricInfo("reaches", "0 or 1", "more needed", "the output depends on it"),
        MetricInfo("exclusive", "0 or 1", "neither", "it serves one output alone", "component alone"),
        MetricInfo("depth", "count", "neither", "components on the longest way to it", "component alone"),
        MetricInfo("in_degree", "count", "neither", "connections that end at it", "component alone"),
        MetricInfo("out_degree", "count", "neither", "connections that start at it", "component alone"),
        MetricInfo("parameter_share", "share", "neither", "its share of all parameters", "component alone"),
    )

    def measure(self, subject: Subject) -> list[Finding]:
        """Findings for every component."""
        findings: list[Finding] = []
        for name in subject.components:
            reached, place = subject.reached(name), subject.place(name)
            findings += [Finding(name, o, "reaches", float(o in reached)) for o in sorted(subject.outputs)]
            findings += [
                Finding(name, None, "exclusive", float(len(reached) == 1)),
                Finding(name, None, "depth", float(place.depth)),
                Finding(name, None, "in_degree", float(place.in_degree)),
                Finding(name, None, "out_degree", float(place.out_degree)),
                Finding(name, None, "parameter_share", place.parameters / max(subject.size[0], 1)),
            ]
        return findings

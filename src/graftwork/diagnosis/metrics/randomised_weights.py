"""Relevance of a component by randomising its weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from graftwork.diagnosis._diagnosis import Finding
from graftwork.diagnosis._metric import MetricInfo
from graftwork.diagnosis.perturbation import Answered, relevance
from graftwork.diagnosis.subject import Subject


class RelevanceByRandomisedWeights:
    """How much an output's loss grows when the network's weights are drawn afresh.

    Source: the code of Garciarena, Santana and Mendiburu (IEEE TNNLS 2023); repeats and errors are ours.
    """

    infos: ClassVar[tuple[MetricInfo, ...]] = (
        MetricInfo(
            "relevance_weights", "skill", "more needed", "skill lost when its weights are drawn afresh"
        ),
    )

    def measure(self, subject: Subject) -> list[Finding]:
        """Findings for every network and output."""
        return relevance(subject, self.infos[0].name, _randomised, subject.networks)


def _randomised(subject: Subject, components: Sequence[str], first: int, blocks: Sequence[slice]) -> Answered:
    return subject.randomised(components, first, blocks)

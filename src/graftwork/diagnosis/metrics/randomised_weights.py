"""Relevance of a component by randomising its weights."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from graftwork.diagnosis._diagnosis import Finding, Subject
from graftwork.diagnosis.perturbation import relevance, upstream_values
from graftwork.model import Activations, build
from graftwork.runtime import integer_seed


class RelevanceByRandomisedWeights:
    """How much an output's loss grows when the component's weights are drawn afresh. Higher = more needed.

    Source: the code of Garciarena, Santana and Mendiburu (IEEE TNNLS 2023); repeats and errors are ours.
    """

    names: ClassVar[tuple[str, ...]] = ("relevance_weights",)
    unit: ClassVar[str] = "skill"

    def measure(self, subject: Subject) -> list[Finding]:
        """Findings for every network and output."""
        like = next(subject.model.parameters())
        strangers = [
            build(
                subject.model.architecture, seed=integer_seed(subject.seed, repeat, "randomised weights")
            ).to(like)
            for repeat in range(subject.repeats)
        ]

        def disturbed(component: str, clean: Activations, repeat: int) -> dict[str, Tensor]:
            known = upstream_values(subject, component, clean)
            raw = strangers[repeat].network_raw(component, clean.handed)
            return {**known, component: raw}

        return relevance(subject, self.names[0], disturbed)

"""Relevance of a component by permuting its activations across rows."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from graftwork.diagnosis._diagnosis import Finding, Subject
from graftwork.diagnosis.perturbation import relevance, upstream_values
from graftwork.model import Activations
from graftwork.runtime import torch_generator


class RelevanceByPermutation:
    """How much an output's loss grows when each row gets another row's activations of the component.

    The activations stay on their own distribution, which random weights do not promise. Higher = more needed.

    Source: permutation importance (Breiman, 2001), applied to a component instead of a column.
    """

    names: ClassVar[tuple[str, ...]] = ("relevance_permutation",)
    unit: ClassVar[str] = "skill"

    def measure(self, subject: Subject) -> list[Finding]:
        """Findings for every network and output."""

        def disturbed(component: str, clean: Activations, repeat: int) -> dict[str, Tensor]:
            generator = torch_generator(subject.seed, f"{component}/{repeat}", "permutation")
            raw = clean.raw[component]
            order = torch.randperm(len(raw), generator=generator)
            return {**upstream_values(subject, component, clean), component: raw[order.to(raw.device)]}

        return relevance(subject, self.names[0], disturbed)

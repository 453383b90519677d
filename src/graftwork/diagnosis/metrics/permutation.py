"""Relevance of a component by permuting its activations across rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import torch

from graftwork.diagnosis._diagnosis import Finding
from graftwork.diagnosis._metric import MetricInfo
from graftwork.diagnosis.perturbation import Answered, relevance
from graftwork.diagnosis.subject import Subject
from graftwork.runtime import torch_generator


class RelevanceByPermutation:
    """How much an output's loss grows when each row gets another row's activations of the component.

    The activations stay on their own distribution, which random weights do not promise.

    Source: permutation importance (Breiman, 2001), applied to a component instead of a column.
    """

    infos: ClassVar[tuple[MetricInfo, ...]] = (
        MetricInfo(
            "relevance_permutation",
            "skill",
            "more needed",
            "skill lost when its activations are another row's",
        ),
    )

    def measure(self, subject: Subject) -> list[Finding]:
        """Findings for every component and output."""
        return relevance(subject, self.infos[0].name, _permuted, subject.components)


def _permuted(subject: Subject, components: Sequence[str], first: int, blocks: Sequence[slice]) -> Answered:
    starts = torch.cat([torch.full((block.stop - block.start,), block.start) for block in blocks])
    # Where repeats are spread, in one cycle: on few rows, those that kept their own would weigh.
    following = torch.cat([torch.arange(block.start, block.stop).roll(-1) for block in blocks])
    for component in components:
        draw = torch_generator(subject.plan.seed, f"{component}/{first}", "permutation")
        if subject.plan.spread:
            # Rows of a block stay in their block.
            order = (starts + torch.rand(len(starts), dtype=torch.float64, generator=draw)).argsort()
            order = torch.empty_like(order).scatter_(0, order, order[following])
        else:
            order = torch.randperm(len(starts), generator=draw)
        order = order.to(subject.disturbable(component).device)
        yield component, subject.disturbed(component, lambda values, order=order: values[order])  # type: ignore[misc]

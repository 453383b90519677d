"""Relevance of a component by permuting its activations across rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor

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
    for component in components:
        order = _order(subject, component, first, blocks).to(subject.disturbable(component).device)
        yield component, subject.disturbed(component, lambda values, order=order: values[order])  # type: ignore[misc]


def _order(subject: Subject, component: str, first: int, blocks: Sequence[slice]) -> Tensor:
    """Whose activations each row gets: of a row in its own block, drawn for all blocks at once."""
    draw = torch_generator(subject.plan.seed, f"{component}/{first}", "permutation")
    sizes = torch.tensor([block.stop - block.start for block in blocks])
    starts = torch.tensor([block.start for block in blocks]).repeat_interleave(sizes)
    keys = torch.rand(len(starts), dtype=torch.float64, generator=draw)
    order = (starts + keys).argsort()
    if subject.plan.spread:
        # In one cycle within a block: on few rows, those that kept their own would weigh.
        places = torch.arange(len(order))
        following = starts + (places - starts + 1) % sizes.repeat_interleave(sizes)
        order = torch.empty_like(order).scatter_(0, order, order[following])
    return order

"""Relevance of a component by holding its activations at their mean."""

from __future__ import annotations

from typing import ClassVar

import torch

from graftwork.diagnosis._diagnosis import Finding
from graftwork.diagnosis._metric import MetricInfo
from graftwork.diagnosis._statistics import mean_and_error
from graftwork.diagnosis.subject import Subject


class RelevanceByMeanAblation:
    """How much an output's loss grows when every row gets the mean activations of the component.

    It draws nothing: the standard error is that over rows, of which `Plan.few_rows` are read where repeats
    are spread.

    Source: mean ablation, as in Leavitt and Morcos, "Towards falsifiable interpretability research" (2020).
    """

    infos: ClassVar[tuple[MetricInfo, ...]] = (
        MetricInfo(
            "relevance_mean", "skill", "more needed", "skill lost when its activations are held at their mean"
        ),
    )

    @torch.no_grad()
    def measure(self, subject: Subject) -> list[Finding]:
        """Findings for every component and output."""
        scales, name = subject.scales, self.infos[0].name
        rows = subject.plan.few_rows
        if subject.plan.spread and subject.rows > rows:
            subject = subject.part(slice(0, rows))
        before = subject.clean_losses
        findings: list[Finding] = []
        for component in subject.components:
            answers = subject.disturbed(
                component, lambda values: values.mean(dim=0, keepdim=True).expand_as(values)
            )
            after = subject.all_losses(answers)
            for output in subject.outputs:
                value, error = 0.0, 0.0
                present = subject.asked(output).present
                if output in after and bool(present.any()):
                    growth = (after[output] - before[output])[present].double().cpu().numpy()
                    value, error = mean_and_error(growth / (scales[output] or 1.0))
                findings.append(Finding(component, output, name, value, error))
        return findings

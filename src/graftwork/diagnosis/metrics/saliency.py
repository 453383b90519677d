"""What a component is worth to first order, and by the Fisher information: one pass backward for all."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch

from graftwork.diagnosis._diagnosis import Finding
from graftwork.diagnosis._metric import MetricInfo
from graftwork.diagnosis._statistics import Array, error_of_mean, mean_and_error
from graftwork.diagnosis._weight_gradients import WeightGradients
from graftwork.diagnosis.subject import Subject


class Taylor:
    """First-order saliency: of the weights, sum |w * g|; of the activations, mean over rows of |sum (a - m) *
    g|.

    g is the gradient of the output's loss and m the mean activation, so that the latter is the first-order
    estimate of what a row loses with the component held at its mean. Both are in units of skill.

    Source: Molchanov et al. (CVPR 2019) for weights, Molchanov et al. (ICLR 2017) for activations; that the
    latter are taken from their mean is ours.
    """

    infos: ClassVar[tuple[MetricInfo, ...]] = (
        MetricInfo("saliency_weights", "skill", "more needed", "sum of |weight * gradient| over its weights"),
        MetricInfo(
            "saliency_activations",
            "skill",
            "more needed",
            "first-order estimate of the skill that a row gains or loses with its activations at their mean",
        ),
    )

    def measure(self, subject: Subject) -> list[Finding]:
        """Findings for every component and output; of weights for networks alone."""
        found = subject.gradients
        findings: list[Finding] = []
        for name in subject.networks:
            gradients = found.weights.get(name)
            for output in subject.outputs:
                value, error = _of_weights(gradients, output)
                scale = subject.scales[output] or 1.0
                findings.append(Finding(name, output, "saliency_weights", value / scale, error / scale))
        for name in subject.differentiated:
            effects = _effects(subject, name)
            for output in subject.outputs:
                scale = subject.scales[output] or 1.0
                rows = np.abs(effects[output].sum(axis=1, dtype=np.float64)) / scale
                findings.append(Finding(name, output, "saliency_activations", *mean_and_error(rows)))
        return findings


class Fisher:
    """Second-order saliency: half the mean over rows of ((a - m) * g)^2, summed over units; in units of
    skill.

    The Fisher information stands for the curvature of the loss, which it is for a likelihood at its optimum.

    Source: Theis et al., "Faster gaze prediction with dense networks and Fisher pruning" (2018); that
    activations are taken from their mean is ours.
    """

    infos: ClassVar[tuple[MetricInfo, ...]] = (
        MetricInfo(
            "saliency_fisher",
            "skill",
            "more needed",
            "estimate, by the Fisher information, of the skill lost with its units at their mean",
        ),
    )

    def measure(self, subject: Subject) -> list[Finding]:
        """Findings for every component and output."""
        findings: list[Finding] = []
        for name in subject.differentiated:
            effects = _effects(subject, name)
            for output in subject.outputs:
                scale = subject.scales[output] or 1.0
                rows = np.einsum("ru,ru->r", effects[output], effects[output]) / (2 * scale)
                findings.append(Finding(name, output, "saliency_fisher", *mean_and_error(rows)))
        return findings


def _effects(subject: Subject, component: str) -> dict[str, Array]:
    """(a - m) * g of the rows whose target is present, (rows, units), by output; one zero where there is no
    gradient, or no such row.
    """
    found = subject.gradients
    effects = dict.fromkeys(subject.outputs, np.zeros((1, 1)))
    if component not in found.rows:
        return effects
    values = found.values[component]
    # NumPy has no bfloat16.
    centred = (values - values.mean(dim=0)).to(torch.promote_types(values.dtype, torch.float32))
    for output, gradient in found.rows[component].items():
        asked, rows = subject.asked(output), (centred * gradient).cpu().numpy()
        if not asked.complete:
            rows = rows[asked.present[: len(rows)].cpu().numpy()]
        if len(rows):
            effects[output] = rows
    return effects


def _of_weights(gradients: WeightGradients | None, output: str) -> tuple[float, float]:
    if gradients is None or output not in gradients.outputs:
        return 0.0, 0.0
    place, (effects, of_samples) = gradients.outputs.index(output), gradients.effects
    return float(effects[place]), error_of_mean(of_samples[:, place], gradients.samples)

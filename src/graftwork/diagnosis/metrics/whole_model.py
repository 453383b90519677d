"""Figures of the model as a whole."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch

from graftwork.diagnosis._diagnosis import WHOLE, Finding
from graftwork.diagnosis._metric import MetricInfo
from graftwork.diagnosis.subject import Subject

_PER_STEPS, _LEAST_LOOKS = 100, 4


class WholeModel:
    """Skill, how far from converged, generalisation gap, imbalance between outputs.

    Skill is that of the loss, 1 - loss / loss of the trivial baseline; for a generation output, of rebuilding
    given arrays. The slope is the fall of the validation loss in 100 steps, in units of skill, by a line of
    least squares through the later half of the curve (at least four looks), so that about 0 is converged. The
    gap is the skill on training rows minus that on the rows read. Imbalance is the greatest difference in
    skill between two outputs. Slope and gap are left out where the curve or the training rows are not known.
    """

    infos: ClassVar[tuple[MetricInfo, ...]] = (
        MetricInfo("skill", "skill", "better", "1 - loss / loss of the trivial baseline"),
        MetricInfo(
            "convergence_slope", "skill in 100 steps", "worse", "fall of the validation loss at the end"
        ),
        MetricInfo("generalisation_gap", "skill", "worse", "skill on training rows beyond that on rows read"),
        MetricInfo(
            "imbalance", "skill", "worse", "greatest difference in skill of two outputs", "component alone"
        ),
    )

    @torch.no_grad()
    def measure(self, subject: Subject) -> list[Finding]:
        """Findings of the component `(model)`."""
        skills = subject.skills
        findings = [Finding(WHOLE, output, "skill", *skills[output]) for output in subject.outputs]
        for output in subject.outputs:
            found = [(s, losses[output]) for s, losses in subject.curve if output in losses]
            if len(found) >= _LEAST_LOOKS:
                slope, error = _fall(np.array(found[-max(len(found) // 2, _LEAST_LOOKS) :], dtype=np.float64))
                scale = (subject.scales[output] or 1.0) / _PER_STEPS
                findings.append(Finding(WHOLE, output, "convergence_slope", slope / scale, error / scale))
        if subject.training is not None:
            for output, (skill, error) in subject.training.skills.items():
                doubt = float(np.hypot(error, skills[output][1]))
                findings.append(
                    Finding(WHOLE, output, "generalisation_gap", skill - skills[output][0], doubt)
                )
        best, worst = max(skills.values()), min(skills.values())
        doubt = float(np.hypot(best[1], worst[1])) if len(skills) > 1 else 0.0
        return [*findings, Finding(WHOLE, None, "imbalance", best[0] - worst[0], doubt)]


def _fall(looks: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> tuple[float, float]:
    """Minus the slope of a line through (looks, 2), with its standard error."""
    steps, losses = looks.T
    steps = steps - steps.mean()
    spread = float((steps**2).sum())
    if not spread or not np.isfinite(losses).all():
        return 0.0, 0.0
    slope = float((steps * losses).sum()) / spread
    rest = losses - losses.mean() - slope * steps
    return -slope, float(np.sqrt((rest**2).sum() / max(len(steps) - 2, 1) / spread))

"""What the outputs lose when one component is disturbed; shared by the metrics of relevance."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from graftwork.diagnosis._diagnosis import Finding, Subject
from graftwork.model import Activations
from graftwork.training import output_losses

Disturb = Callable[[str, Activations, int], dict[str, Tensor]]


@torch.no_grad()
def relevance(subject: Subject, metric: str, disturbed: Disturb) -> list[Finding]:
    """Growth of each output's loss when a component is disturbed, in units of skill.

    A growth of 1 is that from a perfect answer to one that knows nothing. What lies upstream of the
    component, or beside it, is computed once.

    Args:
        subject: What is diagnosed.
        metric: Name that the findings get.
        disturbed: Answers, for a component, the activations as they are and a repeat, with the `raw` of the
            component as disturbed and of every network that this cannot reach.
    """
    clean = subject.model.run(subject.split.inputs)
    before = _losses(subject, clean)
    scales = ignorant_losses(subject)
    findings: list[Finding] = []
    for component in subject.model.architecture.order:
        reached = sorted(subject.model.architecture.downstream(frozenset({component})) & before.keys())
        growth = np.array(
            [
                _growth(subject, disturbed(component, clean, repeat), reached, before, scales)
                for repeat in range(subject.repeats)
            ]
        ).reshape(subject.repeats, len(reached))
        for index, output in enumerate(reached):
            values = growth[:, index]
            error = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0
            findings.append(Finding(component, output, metric, float(values.mean()), error))
        findings += [Finding(component, o, metric, 0.0) for o in sorted(before.keys() - set(reached))]
    return findings


def upstream_values(subject: Subject, component: str, clean: Activations) -> dict[str, Tensor]:
    """`raw` of every network that a disturbance of the component cannot reach."""
    touched = subject.model.architecture.downstream(frozenset({component}))
    return {name: raw for name, raw in clean.raw.items() if name not in touched}


def ignorant_losses(subject: Subject) -> dict[str, float]:
    """Loss of each output for an answer that knows nothing.

    That is equal odds for classes, the training mean for numbers and arrays.
    """
    answers = {
        name: torch.zeros(subject.split.rows, output.width, device=subject.model.device)
        for name, output in subject.problem.outputs.items()
    }
    return _losses(subject, Activations({}, {}, answers, {}))


def _losses(subject: Subject, activations: Activations) -> dict[str, float]:
    losses = output_losses(subject.problem, activations, subject.split.targets)
    return {name: float(loss) for name, loss in losses.items()}


def _growth(
    subject: Subject,
    known: dict[str, Tensor],
    outputs: list[str],
    before: dict[str, float],
    scales: dict[str, float],
) -> list[float]:
    passed = subject.model.run(subject.split.inputs, outputs=outputs, known=known)
    after = _losses(subject, passed)
    return [(after[name] - before[name]) / scales[name] for name in outputs]

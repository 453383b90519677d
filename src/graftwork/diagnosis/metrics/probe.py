"""How much a linear probe reads of an output's target from the activations of a component."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from graftwork.diagnosis._diagnosis import Finding
from graftwork.diagnosis._directions import principal_scores
from graftwork.diagnosis._metric import MetricInfo
from graftwork.diagnosis._statistics import ratio_and_error, row_blocks
from graftwork.diagnosis.subject import Asked, Subject
from graftwork.runtime import torch_generator

_DIRECTIONS, _TARGETS, _FOLDS, _RIDGE = 48, 32, 5, 1e-2


class Probe:
    """Skill of a ridge probe on rows that it was not fitted on: 1 - squared error / that of the mean.

    It reads the first 48 principal components; of an array it is asked for the first 32, of classes for the
    indicator of each, whose squared error is the Brier score. Five folds; the ridge is 0.01 a row.

    Source: Alain and Bengio, "Understanding intermediate layers using linear classifier probes" (2017).
    """

    infos: ClassVar[tuple[MetricInfo, ...]] = (
        MetricInfo(
            "probe_skill", "skill", "more needed", "skill with which a linear probe of it reads the target"
        ),
    )

    @torch.no_grad()
    def measure(self, subject: Subject) -> list[Finding]:
        """Findings for every network and output, reached or not."""
        targets = {output: _target(subject, output) for output in subject.outputs}
        return [
            Finding(name, output, "probe_skill", *_held_out(scores, targets[output]))
            for name in subject.networks
            for scores in [read_scores(subject, name, _DIRECTIONS)]
            for output in subject.outputs
        ]


def read_scores(subject: Subject, name: str, most: int) -> Tensor:
    """Principal scores of a component's activations, (rows, at most `most`)."""
    generator = torch_generator(subject.plan.seed, name, "directions")
    return principal_scores(subject.activations(name).cpu(), most, generator)


def target_scores(subject: Subject, output: str, most: int) -> tuple[Tensor, Tensor]:
    """Principal scores of a target of numbers and the rows where it is present; (rows present, columns)."""
    asked = subject.asked(output)
    present = asked.present.cpu()
    generator = torch_generator(subject.plan.seed, output, "directions")
    return principal_scores(asked.values.cpu()[present], most, generator), present


def _target(subject: Subject, output: str) -> Asked:
    asked = subject.asked(output)
    present = asked.present.cpu()
    if asked.codes is None and asked.values.shape[1] > _TARGETS:
        scores, _ = target_scores(subject, output, _TARGETS)
        return Asked(scores, None, present)
    return Asked(asked.values.cpu()[present].float(), None, present)


def _held_out(scores: Tensor, asked: Asked) -> tuple[float, float]:
    read, target = scores[asked.present], asked.values
    if len(target) < 2 * _FOLDS or not read.shape[1]:
        return 0.0, 0.0
    lost, base = torch.zeros(len(target)), torch.zeros(len(target))
    for fold in row_blocks(len(target), _FOLDS, 1):
        fitted = torch.ones(len(target), dtype=torch.bool)
        fitted[fold] = False
        predicted = _ridge(read[fitted], target[fitted], read[fold])
        lost[fold] = (predicted - target[fold]).square().sum(dim=1)
        base[fold] = (target[fitted].mean(dim=0) - target[fold]).square().sum(dim=1)
    ratio, error = ratio_and_error(lost.double().numpy(), base.double().numpy())
    return (1.0 - ratio, error) if float(base.sum()) > 0 else (0.0, 0.0)


def _ridge(read: Tensor, target: Tensor, asked: Tensor) -> Tensor:
    middle, mean = read.mean(dim=0), target.mean(dim=0)
    centred = read - middle
    gram = centred.T @ centred
    gram.diagonal().add_(_RIDGE * len(read))
    weights = torch.linalg.solve(gram, centred.T @ (target - mean))
    predicted: Tensor = mean + (asked - middle) @ weights
    return predicted

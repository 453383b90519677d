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

_TARGETS, _FOLDS, _RIDGE = 32, 5, 1e-2


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
            Finding(name, output, "probe_skill", *_held_out(subject.scores(name), targets[output]))
            for name in subject.networks
            for output in subject.outputs
        ]


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
    folds = row_blocks(len(target), _FOLDS, 1)
    with_one = torch.cat([read, torch.ones(len(read), 1)], dim=1)
    grams = torch.stack([with_one[fold].T @ with_one[fold] for fold in folds])
    products = torch.stack([with_one[fold].T @ target[fold] for fold in folds])
    left, asked_of = grams.sum(dim=0) - grams, products.sum(dim=0) - products
    fitted = torch.tensor([len(target) - (fold.stop - fold.start) for fold in folds])
    ridge = _RIDGE * fitted[:, None] * torch.cat([torch.ones(read.shape[1]), torch.zeros(1)])
    weights = torch.linalg.solve(left + torch.diag_embed(ridge), asked_of)
    means = asked_of[:, -1:] / fitted[:, None, None]
    lost = [
        (with_one[fold] @ weights[number] - target[fold]).square().sum(dim=1)
        for number, fold in enumerate(folds)
    ]
    base = [(means[number] - target[fold]).square().sum(dim=1) for number, fold in enumerate(folds)]
    sums = [torch.cat(rows).double().numpy() for rows in (lost, base)]
    ratio, error = ratio_and_error(*sums)
    return (1.0 - ratio, error) if sums[1].sum() > 0 else (0.0, 0.0)

"""How much a linear probe reads of an output's target from the activations of a component."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor

from graftwork.diagnosis._diagnosis import Finding
from graftwork.diagnosis._metric import MetricInfo
from graftwork.diagnosis._statistics import Array, ratio_and_error, row_blocks
from graftwork.diagnosis.subject import TARGETS, Subject

_FOLDS, _RIDGE = 5, 1e-2


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
        targets = _targets(subject)
        found = {
            (name, output): figure
            for name in subject.networks
            for rows, columns in targets
            for output, figure in _held_out(subject.scores(name)[rows], columns).items()
        }
        return [
            Finding(name, output, "probe_skill", *found[name, output])
            for name in subject.networks
            for output in subject.outputs
        ]


def _targets(subject: Subject) -> list[tuple[Tensor, dict[str, Tensor]]]:
    """What is asked, (rows present, columns) by output, of outputs with the same rows together."""
    groups: dict[bytes, tuple[Tensor, dict[str, Tensor]]] = {}
    for output in subject.outputs:
        asked = subject.asked(output)
        present = asked.present.cpu()
        many = asked.codes is None and asked.values.shape[1] > TARGETS
        columns = subject.target_scores(output) if many else asked.values.cpu()[present].float()
        group = groups.setdefault(present.numpy().tobytes(), (present.nonzero().squeeze(1), {}))
        group[1][output] = columns
    return list(groups.values())


def _held_out(read: Tensor, asked: Mapping[str, Tensor]) -> dict[str, tuple[float, float]]:
    if len(read) < 2 * _FOLDS or not read.shape[1]:
        return dict.fromkeys(asked, (0.0, 0.0))
    folds = row_blocks(len(read), _FOLDS, 1)
    with_one, target = (
        torch.cat([read, torch.ones(len(read), 1)], dim=1),
        torch.cat(list(asked.values()), dim=1),
    )
    grams = torch.stack([with_one[fold].T @ with_one[fold] for fold in folds])
    products = torch.stack([with_one[fold].T @ target[fold] for fold in folds])
    left, asked_of = grams.sum(dim=0) - grams, products.sum(dim=0) - products
    fitted = torch.tensor([len(target) - (fold.stop - fold.start) for fold in folds])
    ridge = _RIDGE * fitted[:, None] * torch.cat([torch.ones(read.shape[1]), torch.zeros(1)])
    weights = torch.linalg.solve(left + torch.diag_embed(ridge), asked_of)
    means = asked_of[:, -1:] / fitted[:, None, None]
    lost = torch.cat([with_one[fold] @ weights[k] - target[fold] for k, fold in enumerate(folds)]).square()
    base = torch.cat([means[k] - target[fold] for k, fold in enumerate(folds)]).square()
    widths = [columns.shape[1] for columns in asked.values()]
    return {
        output: _skill(*(errors.sum(dim=1).double().numpy() for errors in (own, trivial)))
        for output, own, trivial in zip(
            asked, lost.split(widths, dim=1), base.split(widths, dim=1), strict=True
        )
    }


def _skill(lost: Array, base: Array) -> tuple[float, float]:
    ratio, error = ratio_and_error(lost, base)
    return (1.0 - ratio, error) if base.sum() > 0 else (0.0, 0.0)

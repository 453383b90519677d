"""How much a linear probe reads of an output's target from the activations of a component."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import torch
from torch import Tensor

from graftwork.diagnosis._diagnosis import Finding
from graftwork.diagnosis._metric import MetricInfo
from graftwork.diagnosis._statistics import Array, ratios_and_errors, row_blocks
from graftwork.diagnosis.subject import TARGETS, Subject

_FOLDS, _RIDGE = 5, 1e-2


class Probe:
    """Skill of a ridge probe on rows that it was not fitted on: 1 - squared error / that of the mean.

    It reads the first principal components, `Plan.directions` of them; of an array it is asked for the first
    32, of classes for the indicator of each, whose squared error is the Brier score. Five folds of at most
    `Plan.axis_rows`; the ridge is 0.01 a row.

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
        scores = [subject.scores(name) for name in subject.networks]
        found: dict[tuple[str, str], tuple[float, float]] = {}
        for question in _questions(subject):
            for output, figures in question.read_from(scores).items():
                found |= {
                    (name, output): figure for name, figure in zip(subject.networks, figures, strict=True)
                }
        return [
            Finding(name, output, "probe_skill", *found[name, output])
            for name in subject.networks
            for output in subject.outputs
        ]


class _Question:
    """What some outputs ask of the same rows, and what the mean of the other folds answers."""

    def __init__(self, rows: Tensor, asked: Mapping[str, Tensor]) -> None:
        self._rows, self._widths = rows, {output: columns.shape[1] for output, columns in asked.items()}
        self._target = torch.cat(list(asked.values()), dim=1)
        self._folds = row_blocks(len(rows), _FOLDS, 1)
        self._fitted = self._target.new_tensor([len(rows) - (fold.stop - fold.start) for fold in self._folds])
        sums = torch.stack([self._target[fold].sum(dim=0) for fold in self._folds])
        means = (sums.sum(dim=0) - sums) / self._fitted[:, None]
        self._trivial = {output: own[0] for output, own in self._lost(means[:, None, None]).items()}

    def read_from(self, scores: Sequence[Tensor]) -> dict[str, list[tuple[float, float]]]:
        """By output, the skill of a probe of each of some scores, with its error."""
        nothing = [len(self._rows) < 2 * _FOLDS or not own.shape[1] for own in scores]
        if all(nothing):
            return {output: [(0.0, 0.0)] * len(scores) for output in self._widths}
        # All at once: columns of zeros, which a ridge gives no weight, make them of one width.
        width = max(own.shape[1] for own in scores)
        read = self._target.new_zeros(len(scores), len(self._rows), width + 1)
        for own, into in zip(scores, read, strict=True):
            into[:, : own.shape[1]] = own[self._rows]
        read[..., width] = 1.0
        grams = torch.stack([read[:, fold].mT @ read[:, fold] for fold in self._folds], dim=1)
        products = torch.stack([read[:, fold].mT @ self._target[fold] for fold in self._folds], dim=1)
        ridge = _RIDGE * self._fitted[:, None] * torch.cat([read.new_ones(width), read.new_zeros(1)])
        weights = torch.linalg.solve(
            grams.sum(dim=1, keepdim=True) - grams + torch.diag_embed(ridge),
            products.sum(dim=1, keepdim=True) - products,
        )
        lost = self._lost([read[:, fold] @ weights[:, place] for place, fold in enumerate(self._folds)])
        return {
            output: [
                (0.0, 0.0) if empty else figure
                for empty, figure in zip(nothing, _skills(rows, self._trivial[output]), strict=True)
            ]
            for output, rows in lost.items()
        }

    def _lost(self, answers: Sequence[Tensor] | Tensor) -> dict[str, Array]:
        """Squared error of each row, (networks, rows), summed over columns, of the answers for each fold,
        (networks, rows or 1, columns).
        """
        errors = torch.cat(
            [self._target[fold] - own for fold, own in zip(self._folds, answers, strict=True)], dim=1
        )
        squares = errors.square().split(list(self._widths.values()), dim=-1)
        return {
            output: own.sum(dim=-1).double().numpy()
            for output, own in zip(self._widths, squares, strict=True)
        }


def _questions(subject: Subject) -> list[_Question]:
    """Outputs with the same rows present together."""
    groups: dict[bytes, tuple[Tensor, dict[str, Tensor]]] = {}
    for output in subject.outputs:
        asked = subject.asked(output)
        present = asked.present[: subject.plan.axis_rows].cpu()
        many = asked.codes is None and asked.values.shape[1] > TARGETS
        columns = (
            subject.target_scores(output) if many else asked.values[: len(present)].cpu()[present].float()
        )
        group = groups.setdefault(present.numpy().tobytes(), (present.nonzero().squeeze(1), {}))
        group[1][output] = columns
    return [_Question(rows, asked) for rows, asked in groups.values()]


def _skills(lost: Array, base: Array) -> list[tuple[float, float]]:
    """1 - what is lost, (networks, rows), by what the mean loses, (rows,), with its error."""
    ratios, errors = ratios_and_errors(lost, base)
    known = base.sum() > 0
    return [(1.0 - ratio if known else 0.0, error) for ratio, error in zip(ratios, errors, strict=True)]

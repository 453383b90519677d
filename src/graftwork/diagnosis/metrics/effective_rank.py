"""In how many directions a component uses its units."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch

from graftwork.diagnosis._diagnosis import Finding
from graftwork.diagnosis._directions import axis_scores
from graftwork.diagnosis._metric import MetricInfo
from graftwork.diagnosis._statistics import Array, jackknife, row_blocks
from graftwork.diagnosis.subject import Subject

_BLOCKS, _MOST = 4, 128
_TINY = 1e-12


class EffectiveRank:
    """exp of the entropy of the singular values of the centred activations, as shares of their sum.

    1 for a bottleneck of one unit, the number of units where all directions vary alike, 0 where nothing
    varies. Of more than 128 units so many are read, spread evenly, and of more than `Plan.axis_rows` the
    first. The error is the jackknife's over blocks of rows, along the axes of all rows.

    Source: Roy and Vetterli, "The effective rank" (EUSIPCO 2007).
    """

    infos: ClassVar[tuple[MetricInfo, ...]] = (
        MetricInfo(
            "effective_rank", "directions", "more needed", "directions in which it varies", "component alone"
        ),
        MetricInfo(
            "rank_share", "share", "neither", "effective rank by number of units read", "component alone"
        ),
    )

    @torch.no_grad()
    def measure(self, subject: Subject) -> list[Finding]:
        """Findings for every network."""
        findings: list[Finding] = []
        for name in subject.networks:
            units = subject.activations(name).shape[1]
            if units > _MOST:
                read = torch.linspace(0, units - 1, _MOST).long()
                scores = axis_scores(subject.activations(name)[: subject.plan.axis_rows, read].cpu())
            else:
                scores = subject.axis_scores(name)
            value, error = _effective_rank(scores.numpy())
            of = max(min(units, _MOST), 1)
            findings += [
                Finding(name, None, "effective_rank", value, error),
                Finding(name, None, "rank_share", value / of, error / of),
            ]
        return findings


def _effective_rank(scores: Array) -> tuple[float, float]:
    blocks = row_blocks(len(scores), _BLOCKS, 2)
    counts = np.array([block.stop - block.start for block in blocks])
    starts = [block.start for block in blocks]
    sums, squares = (np.add.reduceat(values, starts, axis=0) for values in (scores, scores**2))

    def rank(chosen: Array) -> float:
        return _entropic(chosen @ squares - (chosen @ sums) ** 2 / (chosen @ counts))

    return jackknife(rank, len(blocks))


def _entropic(variances: Array) -> float:
    singular = np.sqrt(np.clip(variances, 0.0, None))
    singular = singular[singular > 1e-6 * singular.max(initial=_TINY)]
    if not len(singular):
        return 0.0
    shares = singular / singular.sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))

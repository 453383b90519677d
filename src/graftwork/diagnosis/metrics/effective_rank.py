"""In how many directions a component uses its units."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from graftwork.diagnosis._diagnosis import Finding
from graftwork.diagnosis._metric import MetricInfo
from graftwork.diagnosis._statistics import Array, jackknife, row_blocks
from graftwork.diagnosis.subject import Subject

_BLOCKS, _MOST = 4, 128
_TINY = 1e-12


class EffectiveRank:
    """exp of the entropy of the singular values of the centred activations, as shares of their sum.

    1 for a bottleneck of one unit, the number of units where all directions vary alike, 0 where nothing
    varies. Of more than 128 units so many are read, spread evenly; the error is the jackknife's over blocks
    of rows.

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
            values = subject.activations(name)
            values = values[:, torch.linspace(0, values.shape[1] - 1, min(values.shape[1], _MOST)).long()]
            value, error = _effective_rank(values)
            units = max(values.shape[1], 1)
            findings += [
                Finding(name, None, "effective_rank", value, error),
                Finding(name, None, "rank_share", value / units, error / units),
            ]
        return findings


def _effective_rank(values: Tensor) -> tuple[float, float]:
    blocks = row_blocks(len(values), _BLOCKS, 2)
    if not values.shape[1]:
        return 0.0, 0.0
    spread = values.double() - values.double().mean(dim=0)
    spread = spread / spread.abs().max().clamp(min=_TINY)
    if float(spread.abs().max()) < 0.5 or _constant(values):
        return 0.0, 0.0
    moments = [
        (len(part), part.sum(dim=0), part.T @ part) for part in (spread[block].cpu() for block in blocks)
    ]

    def rank(chosen: Array) -> float:
        kept = [moment for moment, weight in zip(moments, chosen, strict=True) if weight]
        rows = sum(moment[0] for moment in kept)
        mean = sum((moment[1] for moment in kept), torch.zeros(())) / rows
        scatter = sum((moment[2] for moment in kept), torch.zeros(())) - rows * torch.outer(mean, mean)
        return _entropic(torch.linalg.eigvalsh(scatter).numpy())

    return jackknife(rank, len(blocks))


def _entropic(variances: Array) -> float:
    singular = np.sqrt(np.clip(variances, 0.0, None))
    singular = singular[singular > 1e-6 * singular.max(initial=_TINY)]
    if not len(singular):
        return 0.0
    shares = singular / singular.sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))


def _constant(values: Tensor) -> bool:
    return float(values.std(dim=0, correction=0).max()) <= 1e-6 * float(values.abs().max())

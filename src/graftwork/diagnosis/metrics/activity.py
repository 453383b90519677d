"""Units of a component that tell nothing: dead and saturated ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import torch
from torch import Tensor

from graftwork.diagnosis._diagnosis import Finding
from graftwork.diagnosis._metric import MetricInfo
from graftwork.diagnosis._statistics import Array, jackknife, row_blocks
from graftwork.diagnosis.subject import Subject

_Share = Callable[[Tensor], float]
_BLOCKS, _ROWS, _END, _MOST_ROWS, _CONSTANT = 4, 512, 0.01, 0.95, 1e-6


class Activity:
    """Share of units that are dead, and of those that are saturated.

    A unit is dead where it is the same in every row, to a millionth of its size. It is saturated where,
    though it varies, 95 of 100 rows lie at one of the two ends of its own range, to one hundredth of it: it
    switches, and does not grade. The error is the jackknife's over blocks of rows; on one row every unit is
    dead.

    Source: Lu et al., "Dying ReLU and initialization" (2020); Rakitianskaia and Engelbrecht, "Measuring
    saturation in neural networks" (2015). That the range is the unit's own, so that no activation function
    need be known, is ours.
    """

    infos: ClassVar[tuple[MetricInfo, ...]] = (
        MetricInfo(
            "dead_units", "share", "less needed", "share of its units that never vary", "component alone"
        ),
        MetricInfo(
            "saturated_units",
            "share",
            "neither",
            "share of its units that are nearly always at an end of their range",
            "component alone",
        ),
    )

    @torch.no_grad()
    def measure(self, subject: Subject) -> list[Finding]:
        """Findings for every network."""
        findings: list[Finding] = []
        for name in subject.networks:
            values = subject.activations(name)[:_ROWS]
            blocks = [values[block] for block in row_blocks(len(values), _BLOCKS, 2)]
            for metric, share in (("dead_units", _dead), ("saturated_units", _saturated)):

                def of(chosen: Array, blocks: list[Tensor] = blocks, share: _Share = share) -> float:
                    return share(torch.cat([b for b, w in zip(blocks, chosen, strict=True) if w]))

                findings.append(Finding(name, None, metric, *jackknife(of, len(blocks))))
        return findings


def _range(values: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    low, high = values.amin(dim=0), values.amax(dim=0)
    varies = high - low > _CONSTANT * torch.maximum(low.abs(), high.abs())
    return low, high, varies


def _dead(values: Tensor) -> float:
    return float((~_range(values)[2]).double().mean()) if values.shape[1] else 1.0


def _saturated(values: Tensor) -> float:
    if not values.shape[1]:
        return 0.0
    low, high, varies = _range(values)
    margin = _END * (high - low)
    at_end = (values <= low + margin) | (values >= high - margin)
    return float(((at_end.double().mean(dim=0) >= _MOST_ROWS) & varies).double().mean())

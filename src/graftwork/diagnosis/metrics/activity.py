"""Units of a component that tell nothing: dead and saturated ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from graftwork.diagnosis._diagnosis import Finding
from graftwork.diagnosis._metric import MetricInfo
from graftwork.diagnosis._statistics import Array, jackknives, row_blocks
from graftwork.diagnosis.subject import Subject

_BLOCKS, _END, _MOST_ROWS, _CONSTANT = 4, 0.01, 0.95, 1e-6


class Activity:
    """Share of units that are dead, and of those that are saturated.

    A unit is dead where it is the same in every row, to a millionth of its size. It is saturated where,
    though it varies, 95 of 100 rows lie at one of the two ends of its own range, to one hundredth of it: it
    switches, and does not grade. The error is the jackknife's over blocks of rows. One row tells nothing
    of units: none is dead then.

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
            blocks = _blocks(subject.activations(name)[: subject.plan.few_rows])
            values, errors = jackknives(partial(_shares, blocks), len(blocks))
            findings += [
                Finding(name, None, info.name, float(value), float(error))
                for info, value, error in zip(self.infos, values, errors, strict=True)
            ]
        return findings


@dataclass(frozen=True)
class _Block:
    values: Array
    low: Array
    high: Array


def _blocks(values: Tensor) -> list[_Block]:
    numbers = values.to(torch.promote_types(values.dtype, torch.float32)).cpu().numpy()
    parts = [numbers[block] for block in row_blocks(len(numbers), _BLOCKS, 2)]
    return [_Block(part, part.min(axis=0), part.max(axis=0)) for part in parts]


def _shares(blocks: Sequence[_Block], chosen: Array) -> Array:
    """Of dead units, and of saturated ones."""
    kept = [block for block, weight in zip(blocks, chosen, strict=True) if weight]
    low = np.min([block.low for block in kept], axis=0)
    high = np.max([block.high for block in kept], axis=0)
    rows = sum(len(block.values) for block in kept)
    if not len(low) or rows < 2:
        return np.array([float(not len(low)), 0.0])
    varies = high - low > _CONSTANT * np.maximum(np.abs(low), np.abs(high))
    margin = _END * (high - low)
    between = [((block.values > low + margin) & (block.values < high - margin)).sum(axis=0) for block in kept]
    saturated = (rows - np.sum(between, axis=0) >= _MOST_ROWS * rows) & varies
    return np.array([(~varies).mean(), saturated.mean()])

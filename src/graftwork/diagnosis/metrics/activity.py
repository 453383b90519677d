"""Units of a component that tell nothing: dead and saturated ones."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import torch

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
            values = subject.activations(name)[: subject.plan.few_rows]
            numbers = values.to(torch.promote_types(values.dtype, torch.float32)).cpu().numpy()
            blocks = row_blocks(len(numbers), _BLOCKS, 2)
            of_block = np.repeat(np.arange(len(blocks), dtype=np.int64), [b.stop - b.start for b in blocks])
            figures, errors = jackknives(partial(_shares, numbers, of_block), len(blocks))
            findings += [
                Finding(name, None, info.name, float(value), float(error))
                for info, value, error in zip(self.infos, figures, errors, strict=True)
            ]
        return findings


def _shares(numbers: Array, of_block: npt.NDArray[np.int64], chosen: Array) -> Array:
    """Of dead units, and of saturated ones, in the rows of the chosen blocks."""
    kept = numbers if chosen.all() else numbers[chosen[of_block] > 0]
    rows, units = kept.shape
    if not units or rows < 2:
        return np.array([float(not units), 0.0])
    low, high = kept.min(axis=0), kept.max(axis=0)
    varies = high - low > _CONSTANT * np.maximum(np.abs(low), np.abs(high))
    margin = _END * (high - low)
    between = np.count_nonzero((kept > low + margin) & (kept < high - margin), axis=0)
    saturated = np.count_nonzero((rows - between >= _MOST_ROWS * rows) & varies)
    return np.array([1.0 - np.count_nonzero(varies) / units, saturated / units])

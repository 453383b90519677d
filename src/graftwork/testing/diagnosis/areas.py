"""How well metrics tell planted parts from the others."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.stats import rankdata

from graftwork.diagnosis import Diagnosis, MetricInfo
from graftwork.testing.diagnosis.planted import Planted

_SIGNS: Mapping[str, Mapping[str, int]] = {
    "needed": {"more needed": -1, "less needed": 1},
    "in conflict": {"more in conflict": 1},
}


def areas(planted: Planted, diagnosis: Diagnosis) -> dict[str, float]:
    """By metric, the area under the ROC curve with which it tells planted parts from others of the model.

    It is the share of pairs of a planted part and another in which the metric puts the planted part first,
    ties counting half. The metric's own direction says which end is first; one whose direction does not speak
    of what was planted is left out. A part is as much needed as the output needs it that needs it most.
    """
    names = (*planted.parts, *planted.others)
    found = {}
    for metric in diagnosis.metrics:
        info = diagnosis.info(metric)
        sign = _SIGNS[planted.question].get(info.direction)
        if sign is not None:
            figures = [_figure(diagnosis, info, name, planted.outputs) for name in names]
            found[metric] = area(sign * np.array(figures), len(planted.parts))
    return found


def area(values: np.ndarray[tuple[int], np.dtype[np.float64]], planted: int) -> float:
    """The area of numbers of which the first few are of planted parts, which ought to be the greatest."""
    others = len(values) - planted
    beaten = rankdata(values)[:planted].sum() - planted * (planted + 1) / 2
    return float(beaten / (planted * others))


def _figure(diagnosis: Diagnosis, info: MetricInfo, name: str, outputs: tuple[str, ...]) -> float:
    """The greatest figure of a component, over outputs of interest or over other components."""
    return max(
        f.value
        for f in diagnosis.findings
        if f.component == name and f.metric == info.name and (info.about != "output" or f.output in outputs)
    )

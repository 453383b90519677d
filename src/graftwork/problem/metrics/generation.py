"""Metrics of generated samples, beside held-out rows."""

from __future__ import annotations

from functools import partial

import numpy as np
import torch
from torch import Tensor

from graftwork.problem._random import generator
from graftwork.problem.energy import squared_distances
from graftwork.problem.metrics.metric import Metric

JUDGED_ROWS = 1000
_DIRECTIONS = 256
# The smallest number for which Naeem et al. find their figures steady; they compare all four at it.
_NEIGHBOURS = 5
_metric = partial(Metric, kind="generation")

GENERATION = (
    _metric(
        name="energy_distance",
        unit="whitened distance",
        direction="lower",
        says="Distance between distributions, over all principal axes and over blocks of them; 0 for real "
        "rows, or a little below.",
        source="Székely and Rizzo 2013; blocks are ours",
    ),
    _metric(
        name="mmd",
        unit="squared kernel distance",
        direction="lower",
        says="Maximum mean discrepancy under a Gaussian kernel as wide as the median distance of real rows, "
        "unbiased: 0 for real rows, or a little below.",
        source="Gretton et al. 2012",
    ),
    _metric(
        name="sliced_wasserstein",
        unit="deviations of the training rows",
        direction="lower",
        says="How far mass must be moved, the mean over 256 random directions; above 0 for real rows too, "
        "the more so, the fewer there are.",
        source="Bonneel et al. 2015",
    ),
    _metric(
        name="precision",
        unit="share of generated rows",
        direction="higher",
        says="Generated rows that lie among real ones. Sees neither a collapse, nor blur.",
        source="Kynkäänniemi et al. 2019, with 5 neighbours",
    ),
    _metric(
        name="recall",
        unit="share of real rows",
        direction="higher",
        says="Real rows that lie among generated ones. Sees a collapse and blur, but no noise: the further "
        "generated rows lie apart, the more lies among them.",
        source="Kynkäänniemi et al. 2019, with 5 neighbours",
    ),
    _metric(
        name="density",
        unit="neighbourhoods a generated row, of those expected",
        direction="higher",
        says="In how many neighbourhoods of real rows a generated one lies; about 1 for real rows, above for "
        "blurred ones. Sees neither a collapse, nor blur.",
        source="Naeem et al. 2020",
    ),
    _metric(
        name="coverage",
        unit="share of real rows",
        direction="higher",
        says="Real rows in whose neighbourhood a generated one lies. Sees a collapse and noise, and blur "
        "less than noise.",
        source="Naeem et al. 2020",
    ),
)


def generation_metrics(prediction: Tensor, target: Tensor, wanted: frozenset[str]) -> dict[str, float]:
    """Metrics beside `errors` of a generated sample (any rows, width), as encoded, against a target's rows.

    As many rows of each are compared, at most 1,000. What asks for more than 5 rows is absent where there
    are fewer, and so is the discrepancy where all real rows are one.
    """
    real, made = equal_samples(prediction, target)
    found: dict[str, float] = {}
    if len(real) > _NEIGHBOURS and wanted & {"mmd", "precision", "recall", "density", "coverage"}:
        found |= _by_distances(real, made)
    if len(real) > 1 and "sliced_wasserstein" in wanted:
        found["sliced_wasserstein"] = sliced_wasserstein(real, made)
    return {name: found[name] for name in found if name in wanted}


def equal_samples(prediction: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """As many real rows as generated ones, float64: what tells them apart must not be their number."""
    held_out = target[~target.isnan().any(dim=1)].double()
    rows = min(len(held_out), len(prediction), JUDGED_ROWS)
    return _some(held_out, rows), _some(prediction.detach().double(), rows)


def sliced_wasserstein(first: Tensor, second: Tensor) -> float:
    """Mean over random directions of the mean distance by which mass is moved along each.

    Source: Bonneel, Rabin, Peyré and Pfister, "Sliced and Radon Wasserstein Barycenters of Measures", Journal
    of Mathematical Imaging and Vision 51, 2015.

    Args:
        first: Rows (rows, width), float64.
        second: As many rows.

    Example:
        >>> rows = torch.arange(4.0).double()[:, None]
        >>> sliced_wasserstein(rows, rows + 10)
        10.0
    """
    drawn = generator("sliced Wasserstein").normal(size=(first.shape[1], _DIRECTIONS))
    directions = torch.from_numpy(drawn / np.linalg.norm(drawn, axis=0))
    ours, theirs = ((rows @ directions).sort(dim=0).values for rows in (first, second))
    return float((ours - theirs).abs().mean())


def _by_distances(real: Tensor, made: Tensor) -> dict[str, float]:
    """What is told by the squared distances within and between two samples of equal size."""
    within_real, within_made = squared_distances(real, real), squared_distances(made, made)
    across = squared_distances(real, made)
    found = _discrepancy(within_real, within_made, across)
    # The nearest row of all is the row itself.
    reach, reach_made = (
        within.kthvalue(_NEIGHBOURS + 1, dim=1).values for within in (within_real, within_made)
    )
    among_real = across <= reach[:, None]
    return found | {
        "precision": float(among_real.any(dim=0).double().mean()),
        "recall": float((across <= reach_made).any(dim=1).double().mean()),
        "density": float(among_real.sum(dim=0).double().mean() / _NEIGHBOURS),
        "coverage": float(among_real.any(dim=1).double().mean()),
    }


def _discrepancy(within_real: Tensor, within_made: Tensor, across: Tensor) -> dict[str, float]:
    pairs = within_real[torch.ones_like(within_real, dtype=torch.bool).triu(1)]
    # Of rows that are mostly alike the median is zero, and no width.
    width = pairs.median() if pairs.median() > 0 else pairs.mean()
    if not width > 0:
        return {}
    rows = len(across)

    def kernel(squares: Tensor) -> Tensor:
        return squares.div(-2 * width).exp()

    def among(squares: Tensor) -> float:
        # Of a row and itself the kernel is 1; unbiased leaves these pairs out.
        return (float(kernel(squares).sum()) - rows) / (rows * (rows - 1))

    return {"mmd": among(within_real) + among(within_made) - 2 * float(kernel(across).mean())}


def _some(rows: Tensor, count: int) -> Tensor:
    if len(rows) == count:
        return rows
    return rows[torch.from_numpy(np.sort(generator("compared rows").permutation(len(rows))[:count]))]

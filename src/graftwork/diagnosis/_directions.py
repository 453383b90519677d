"""Activations in few directions, and how their rows lie to each other."""

from __future__ import annotations

import torch
from torch import Tensor

_TINY = 1e-12
EXACT = 160


def principal_scores(values: Tensor, most: int, generator: torch.Generator) -> Tensor:
    """Scores of rows on the first principal components, (rows, at most `most`), the first of variance 1.

    Exact for up to 160 units; beyond, by a random range finder (Halko, Martinsson and Tropp, 2011).
    Directions of no variance are left out, so that constant activations have no column at all.

    Args:
        values: (rows, units).
        most: Most components.
        generator: Draws the random range.
    """
    if min(values.shape) <= EXACT:
        return leading(axis_scores(values), most)
    centred = _centred(values)
    if not centred.shape[1]:
        return centred
    width = min(most + 8, *centred.shape)
    random = torch.randn(centred.shape[1], width, generator=generator).to(centred)
    # One power iteration sharpens the range where variances fall slowly.
    return leading(axis_scores(centred @ _orthonormal(centred.T @ (centred @ random))), most)


def _orthonormal(directions: Tensor) -> Tensor:
    """An orthonormal basis of some directions (units, directions) but those that are next to nothing.

    By their inner products, in a third of the time of a QR decomposition.
    """
    wide = directions.double()
    sizes, axes = torch.linalg.eigh(wide.T @ wide)
    kept = sizes > 1e-11 * sizes[-1]
    basis: Tensor = (wide @ (axes[:, kept] / sizes[kept].sqrt())).to(directions)
    return basis


def leading(scores: Tensor, most: int) -> Tensor:
    """The first of some `axis_scores`, (rows, at most `most`), the first of variance 1."""
    kept = scores[:, :most].float()
    variances = kept.square().sum(dim=0)
    first = float(variances[0]) if len(variances) else 0.0
    if not first > 0.0:
        return kept[:, :0]
    # They fall; those that are next to nothing come last.
    count = int((variances > 1e-9 * first).sum())
    scaled: Tensor = kept[:, :count] / max((first / len(kept)) ** 0.5, _TINY)
    return scaled


def axis_scores(values: Tensor) -> Tensor:
    """Scores of rows on all principal axes, those of the greatest variance first, in double precision.

    (rows, units or rows, what is less), in units of the greatest distance from the mean; no column at all
    where nothing varies.
    """
    centred = _centred(values)
    if not centred.shape[1]:
        return centred.double()
    centred = centred.double()
    if centred.shape[1] > centred.shape[0]:
        variances, rows = torch.linalg.eigh(centred @ centred.T)
        scores: Tensor = rows * variances.clamp(min=0).sqrt()
    else:
        _, axes = torch.linalg.eigh(centred.T @ centred)
        scores = centred @ axes
    return scores.flip(1)


def _centred(values: Tensor) -> Tensor:
    """Distances from the mean, the greatest of them 1; no column where nothing varies."""
    if not values.numel():
        return values[:, :0].float()
    mean = values.mean(dim=0)
    centred = (values - mean).float()
    # The mean of equal numbers is rounded: what is left of them then is no variance.
    size = _greatest(centred)
    rounding = 4 * torch.finfo(values.dtype).eps * (size + _greatest(mean))
    return centred.div_(size) if size > max(_TINY, rounding) else centred[:, :0]


def _greatest(values: Tensor) -> float:
    low, high = values.aminmax()
    return max(-float(low), float(high))

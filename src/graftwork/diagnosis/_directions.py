"""Activations in few directions, and how their rows lie to each other."""

from __future__ import annotations

import torch
from torch import Tensor

_TINY = 1e-12
_EXACT = 160


def principal_scores(values: Tensor, most: int, generator: torch.Generator) -> Tensor:
    """Scores of rows on the first principal components, (rows, at most `most`), the first of variance 1.

    Exact for up to 160 units; beyond, by a random range finder (Halko, Martinsson and Tropp, 2011).
    Directions of no variance are left out, so that constant activations have no column at all.

    Args:
        values: (rows, units).
        most: Most components.
        generator: Draws the random range.
    """
    centred = (values - values.mean(dim=0)).float()
    size = float(centred.abs().max()) if centred.numel() else 0.0
    # The mean of equal numbers is rounded: what is left of them then is no variance.
    rounding = 4 * torch.finfo(values.dtype).eps * float(values.abs().max()) if values.numel() else 0.0
    if size <= max(_TINY, rounding):
        return centred[:, :0]
    centred = centred / size
    if min(centred.shape) > _EXACT:
        width = min(most + 8, *centred.shape)
        random = torch.randn(centred.shape[1], width, generator=generator).to(centred)
        # One power iteration sharpens the range where variances fall slowly.
        basis, _ = torch.linalg.qr(centred.T @ (centred @ random))
        centred = centred @ basis
    if centred.shape[1] > centred.shape[0]:
        variances, rows = torch.linalg.eigh((centred @ centred.T).double())
        scores = rows * variances.clamp(min=0).sqrt()
    else:
        variances, axes = torch.linalg.eigh((centred.T @ centred).double())
        scores = centred.double() @ axes
    kept = variances.flip(0)[:most] > 1e-9 * variances[-1]
    scores = scores.flip(1)[:, :most][:, kept].float()
    if not bool(kept.any()):
        return centred[:, :0]
    scaled: Tensor = scores / scores[:, 0].std(correction=0).clamp(min=_TINY)
    return scaled

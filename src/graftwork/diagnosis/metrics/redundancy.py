"""Whether another component holds the same."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from graftwork.diagnosis._diagnosis import Finding
from graftwork.diagnosis._metric import MetricInfo
from graftwork.diagnosis._statistics import Array, jackknives, row_blocks
from graftwork.diagnosis.subject import Subject

_BLOCKS, _LEAST = 4, 8
_TINY = 1e-12


class Redundancy:
    """Linear CKA with every other network, and the greatest of them.

    1 where one's activations are the other's, rotated and scaled as a whole; about 0 where they have nothing
    in common. HSIC is unbiased within blocks of rows and averaged over them; the error is the jackknife's
    over the blocks. At most `Plan.axis_rows` are read. A network whose activations do not vary, or that is
    read on fewer than four rows, has a CKA of 0 with all.

    Source: Kornblith et al. (ICML 2019); Song et al. (JMLR 2012) for the unbiased HSIC; Nguyen, Raghu and
    Kornblith (ICLR 2021) for blocks.
    """

    infos: ClassVar[tuple[MetricInfo, ...]] = (
        MetricInfo("cka", "share", "less needed", "linear CKA with the other component", "component"),
        MetricInfo(
            "redundancy",
            "share",
            "less needed",
            "greatest linear CKA with another component",
            "component alone",
        ),
    )

    @torch.no_grad()
    def measure(self, subject: Subject) -> list[Finding]:
        """Findings for every pair of networks, in both orders, and for every network."""
        names = subject.networks
        rows = min(subject.rows, subject.plan.axis_rows)
        blocks = len(row_blocks(rows, _BLOCKS, _LEAST))
        hsic = _hsic([subject.activations(name)[: rows - rows % blocks] for name in names], blocks)
        values, errors = jackknives(partial(_cka, hsic), blocks)
        findings: list[Finding] = []
        for a, name in enumerate(names):
            others = [
                ((float(values[a, b]), float(errors[a, b])), other) for b, other in enumerate(names) if b != a
            ]
            findings += [Finding(name, other, "cka", *figure) for figure, other in others]
            greatest = max((figure for figure, _ in others), default=(0.0, 0.0))
            findings.append(Finding(name, None, "redundancy", *greatest))
        return findings


def _cka(hsic: Array, chosen: Array) -> Array:
    """Between any two, by HSIC (blocks, networks, networks); 0 where one has none with itself."""
    mean: Array = np.tensordot(chosen, hsic, axes=1)
    own = mean.diagonal()
    sizes = np.sqrt(np.clip(own, 0.0, None))
    found = np.zeros_like(mean)
    np.divide(mean, np.outer(sizes, sizes), out=found, where=np.outer(own > 0, own > 0))
    return found


def _hsic(activations: list[Tensor], blocks: int) -> Array:
    """Unbiased HSIC between any two of some activations (rows, units), each scaled to a mean variance of 1:
    (blocks, networks, networks).

    Of symmetric kernels without diagonal K and L it is the sum over pairs of rows of K * L, after both were
    centred so that every row sums to 0 (U-centring, Székely and Rizzo 2014, equal to the form of Song et
    al.).
    """
    rows = len(activations[0]) // blocks
    if rows < 4:
        return np.zeros((blocks, len(activations), len(activations)))
    kernels = [_u_centred(values.unflatten(0, (blocks, rows)).float()) for values in activations]
    flat = torch.stack([kernel.flatten(1) for kernel in kernels], dim=1)
    products = (flat @ flat.mT).double().cpu().numpy() / (rows * (rows - 3))
    return np.asarray(products + products.transpose(0, 2, 1)) / 2


def _u_centred(values: Tensor) -> Tensor:
    """Kernels (blocks, rows, rows) of values (blocks, rows, units)."""
    centred = values - values.mean(dim=1, keepdim=True)
    size, whole = (each.square().sum(dim=2).mean(dim=1)[:, None, None] for each in (centred, values))
    kernel = centred @ centred.mT / size.clamp(min=_TINY * _TINY)
    varies, rows = size > _TINY * whole.clamp(min=_TINY), values.shape[1]
    kernel.diagonal(dim1=1, dim2=2).zero_()
    sums = kernel.sum(dim=2, keepdim=True)
    kernel -= (sums + sums.mT) / (rows - 2)
    kernel += sums.sum(dim=1, keepdim=True) / ((rows - 1) * (rows - 2))
    kernel.diagonal(dim1=1, dim2=2).zero_()
    return torch.where(varies, kernel, 0.0)

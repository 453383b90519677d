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
        blocks = row_blocks(min(subject.rows, subject.plan.axis_rows), _BLOCKS, _LEAST)
        hsic = np.stack([_hsic([subject.activations(name)[block] for name in names]) for block in blocks])
        values, errors = jackknives(partial(_cka, hsic), len(blocks))
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


def _hsic(activations: list[Tensor]) -> Array:
    """Unbiased HSIC between any two of some activations (rows, units), each scaled to a mean variance of 1.

    Of symmetric kernels without diagonal K and L it is the sum over pairs of rows of K * L, after both were
    centred so that every row sums to 0 (U-centring, Székely and Rizzo 2014, equal to the form of Song et
    al.).
    """
    rows = len(activations[0])
    if rows < 4:
        return np.zeros((len(activations), len(activations)))
    flat = torch.stack([_u_centred(values).flatten() for values in activations])
    products = (flat @ flat.T).double().cpu().numpy() / (rows * (rows - 3))
    return np.asarray(products + products.T) / 2


def _u_centred(values: Tensor) -> Tensor:
    centred = values.float() - values.float().mean(dim=0)
    size = centred.square().sum(dim=1).mean()
    kernel = centred @ centred.T
    rows = len(kernel)
    if float(size) <= _TINY * max(float(values.float().square().sum(dim=1).mean()), _TINY):
        return torch.zeros_like(kernel)
    kernel = kernel / size
    kernel.fill_diagonal_(0.0)
    sums = kernel.sum(dim=1)
    kernel -= (sums[:, None] + sums[None, :]) / (rows - 2)
    kernel += sums.sum() / ((rows - 1) * (rows - 2))
    return kernel.fill_diagonal_(0.0)

"""What a frozen part hands on, computed once instead of at every step."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from graftwork.architecture import Architecture
from graftwork.model import HeterogeneousModel
from graftwork.problem import Split


def cacheable(architecture: Architecture, trainable: frozenset[str]) -> frozenset[str]:
    """Networks whose values never change while `trainable` is trained.

    Not trained, not downstream of what is trained, and neither a decoder nor downstream of one: a decoder
    draws anew at every step.
    """
    decoders = frozenset(n.name for n in architecture.networks if n.is_decoder)
    return architecture.network_names - architecture.downstream(trainable | decoders)


@torch.no_grad()
def frozen_values(
    model: HeterogeneousModel, split: Split, trainable: frozenset[str], outputs: Iterable[str]
) -> dict[str, Tensor]:
    """`raw` of each cacheable network that these outputs need, (rows, width), over the rows of a split.

    Only those are kept that something which is computed anew, or an output, reads.
    """
    architecture = model.architecture
    frozen = cacheable(architecture, trainable)
    if not frozen:
        return {}
    needed = [name for name in model.needed(outputs) if name in frozen]
    read = [name for name in needed if any(to not in frozen for to in architecture.receivers(name))]
    raw = model.raw_values(split.to(model.device).inputs, needed)
    return {name: raw[name] for name in read}

"""What is planted in trained models, one file a kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from graftwork.testing.diagnosis.planted import Planted
from graftwork.testing.diagnosis.plants.bottleneck import bottleneck
from graftwork.testing.diagnosis.plants.conflict import conflict
from graftwork.testing.diagnosis.plants.copy import copy
from graftwork.testing.diagnosis.plants.dead import dead
from graftwork.testing.diagnosis.plants.irrelevant import irrelevant
from graftwork.testing.diagnosis.plants.noise import noise
from graftwork.testing.diagnosis.plants.shuffled import shuffled

PLANTS: Mapping[str, Callable[[int], Planted]] = {
    "noise": noise,
    "copy": copy,
    "irrelevant": irrelevant,
    "bottleneck": bottleneck,
    "dead": dead,
    "conflict": conflict,
    "shuffled": shuffled,
}

__all__ = ["PLANTS"]

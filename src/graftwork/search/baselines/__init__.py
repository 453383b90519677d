"""What a searched model is held against, on the same rows: one file a rival."""

from graftwork.search.baselines._base import Against, Baseline, Rival, against, losses
from graftwork.search.baselines.boosting import GradientBoosting
from graftwork.search.baselines.shared_bottom import SharedBottom, shared_bottom
from graftwork.search.baselines.single_task import SingleTaskNetworks
from graftwork.search.baselines.stored import failed_baselines, hold_against, stored_baselines

RIVALS: tuple[Rival, ...] = (SingleTaskNetworks(), SharedBottom(), GradientBoosting())

__all__ = [
    "RIVALS",
    "Against",
    "Baseline",
    "GradientBoosting",
    "Rival",
    "SharedBottom",
    "SingleTaskNetworks",
    "against",
    "failed_baselines",
    "hold_against",
    "losses",
    "shared_bottom",
    "stored_baselines",
]

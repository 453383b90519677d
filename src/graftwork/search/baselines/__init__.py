"""What a searched model is held against, on the same rows: one file a rival."""

from graftwork.search.baselines._base import LEVEL, Baseline, Rival, skill_gaps
from graftwork.search.baselines.boosting import GradientBoosting
from graftwork.search.baselines.shared_bottom import SharedBottom, shared_bottom
from graftwork.search.baselines.single_task import SingleTaskNetworks
from graftwork.search.baselines.stored import hold_against, stored_baselines

RIVALS: tuple[Rival, ...] = (SingleTaskNetworks(), SharedBottom(), GradientBoosting())


def rival_title(name: str) -> str:
    """What people call a rival; its name, of one that did not come with Graftwork.

    Example:
        >>> rival_title("boosting"), rival_title("mine")
        ('gradient boosting', 'mine')
    """
    return next((rival.title for rival in RIVALS if rival.name == name), name)


__all__ = [
    "LEVEL",
    "RIVALS",
    "Baseline",
    "GradientBoosting",
    "Rival",
    "SharedBottom",
    "SingleTaskNetworks",
    "hold_against",
    "rival_title",
    "shared_bottom",
    "skill_gaps",
    "stored_baselines",
]

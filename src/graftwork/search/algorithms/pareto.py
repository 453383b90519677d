"""Parents from the whole non-dominated archive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from graftwork.search.archive import Archive, Candidate, hypervolume


class ParetoArchive:
    """Draws parents from the front, half of the time in proportion to the hypervolume that each alone covers.

    The other half of the draws is uniform over the front, so that no region is given up.
    """

    name: ClassVar[str] = "pareto"

    def parent(self, archive: Archive, rng: np.random.Generator) -> Candidate | None:
        """One member of the front; none while it is empty."""
        front = archive.members
        if not front:
            return None
        volumes = np.array([hypervolume([member.point]) for member in front])
        uniform = np.full(len(front), 1.0 / len(front))
        greedy = volumes / volumes.sum() if volumes.sum() > 0 else uniform
        return front[int(rng.choice(len(front), p=0.5 * greedy + 0.5 * uniform))].candidate()

    def state(self) -> dict[str, Any]:
        """Nothing: all that it needs is the front."""
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """There is nothing to remember."""

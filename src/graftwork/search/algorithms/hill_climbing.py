"""Hill climbing with restarts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from graftwork.search.archive import Archive, Candidate, hypervolume


class HillClimbing:
    """Varies the best candidate since the last restart; restarts after a number of tries without a better
    one.

    Better is what alone covers the larger hypervolume: the product of its objectives. Weights are kept for
    the front alone, so a climb whose beginning does not join the front goes on from the front's best.

    Source: hill climbing with restarts of the group of Garciarena, Santana and Mendiburu.

    Args:
        patience: Tries without a gain before a restart.
    """

    name: ClassVar[str] = "hill-climbing"

    def __init__(self, *, patience: int = 12) -> None:
        self.patience = patience
        self.since = 0

    def parent(self, archive: Archive, rng: np.random.Generator) -> Candidate | None:
        """The best candidate since the last restart; none to restart from a random architecture."""
        climb = [member for member in archive.members if member.number >= self.since]
        climb = climb or list(archive.members)
        if not climb:
            return None
        best = max(climb, key=lambda member: hypervolume([member.point]))
        if archive.count - max(best.number, self.since) > self.patience:
            self.since = archive.count
            return None
        return best.candidate()

    def state(self) -> dict[str, Any]:
        """The last restart."""
        return {"since": self.since}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from the last restart."""
        self.since = int(state["since"])

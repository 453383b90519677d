"""What an algorithm decides."""

from __future__ import annotations

from typing import ClassVar, Protocol

import numpy as np

from graftwork.search.archive import Archive, Candidate


class Algorithm(Protocol):
    """Decides which evaluated candidate is varied next."""

    name: ClassVar[str]

    def parent(self, archive: Archive, rng: np.random.Generator) -> Candidate | None:
        """The next parent, with its weights; none asks for a random architecture."""
        ...

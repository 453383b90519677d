"""What an algorithm decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

import numpy as np

from graftwork.search.archive import Archive, Candidate


class Algorithm(Protocol):
    """Decides which evaluated candidate is varied next."""

    name: ClassVar[str]

    def parent(self, archive: Archive, rng: np.random.Generator) -> Candidate | None:
        """The next parent, with its weights; none asks for a random architecture."""
        ...

    def state(self) -> dict[str, Any]:
        """What it remembers between calls, as JSON holds it, so that a run can be gone on with."""
        ...

    def restore(self, state: Mapping[str, Any]) -> None:
        """Remember what another one told by `state`."""
        ...

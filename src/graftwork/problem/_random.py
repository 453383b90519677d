"""Random draws of this package: seeded by what they are for, never by global state."""

from __future__ import annotations

import hashlib

import numpy as np


def generator(purpose: str, seed: int = 0) -> np.random.Generator:
    """A generator that depends on the purpose and the seed alone, in every process."""
    digest = hashlib.sha256(purpose.encode()).digest()
    return np.random.default_rng(np.random.SeedSequence([int.from_bytes(digest[:8], "big"), seed]))

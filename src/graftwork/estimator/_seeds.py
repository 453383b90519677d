"""What scikit-learn calls random_state, as a seed."""

from __future__ import annotations

import operator

import numpy as np

from graftwork.documents import short
from graftwork.errors import InputError

RandomState = int | np.random.RandomState | np.random.Generator | None


def seed_of(random_state: RandomState) -> int:
    """The whole number itself, one that a generator draws, or for None one that the system draws.

    Raises:
        InputError: It is none of these, or negative.

    Example:
        >>> seed_of(7), seed_of(None) == seed_of(None)
        (7, False)
    """
    if random_state is None:
        return int(np.random.SeedSequence().generate_state(1)[0])
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(2**31))
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(2**31 - 1))
    try:
        seed = operator.index(random_state)
    except TypeError:
        seed = -1
    if seed < 0:
        raise InputError(
            f"random_state: expected a whole number of 0 or more, a generator or None, "
            f"came {short(random_state)}"
        )
    return seed

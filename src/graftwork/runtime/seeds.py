"""Every random draw comes from here: by root seed, candidate and purpose, never from global state.

A seed depends on nothing but these three, so that a draw is the same in another process, in another
order, and after a resume.
"""

from __future__ import annotations

import hashlib
import operator
from typing import TYPE_CHECKING

import numpy as np

from graftwork.errors import InputError

if TYPE_CHECKING:
    import torch


def seed_sequence(root: int, candidate: int | str, purpose: str) -> np.random.SeedSequence:
    """The seed sequence of one purpose of one candidate.

    Args:
        root: The seed that the user gave; 0 or more.
        candidate: Which candidate; a number and its digits as a string are two candidates.
        purpose: What is drawn, such as "weights" or "batches".

    Raises:
        InputError: If `root` is not a whole number of 0 or more.

    Example:
        >>> seed_sequence(7, 0, "weights").generate_state(1).tolist()
        [3836348521]
    """
    # One hash over all three: entropy given as a list of numbers is joined word by word, so that lists of
    # large numbers may collide; and hash() of a string differs between processes.
    key = repr((_whole(root), candidate if isinstance(candidate, str) else _whole(candidate), purpose))
    return np.random.SeedSequence(int.from_bytes(hashlib.sha256(key.encode()).digest(), "little"))


def generator(root: int, candidate: int | str, purpose: str) -> np.random.Generator:
    """A NumPy generator; see `seed_sequence`.

    Example:
        >>> a, b = generator(7, 0, "split"), generator(7, 0, "split")
        >>> bool((a.permutation(10) == b.permutation(10)).all())
        True
    """
    return np.random.default_rng(seed_sequence(root, candidate, purpose))


def integer_seed(root: int, candidate: int | str, purpose: str) -> int:
    """An integer seed of 0 or more and below 2**63; see `seed_sequence`.

    Example:
        >>> 0 <= integer_seed(7, "c12", "batches") < 2**63
        True
    """
    return int(seed_sequence(root, candidate, purpose).generate_state(1, np.uint64)[0]) >> 1


def torch_generator(root: int, candidate: int | str, purpose: str) -> torch.Generator:
    """A torch generator on the CPU; see `seed_sequence`.

    Example:
        >>> torch_generator(7, 0, "noise").initial_seed() == integer_seed(7, 0, "noise")
        True
    """
    import torch

    return torch.Generator("cpu").manual_seed(integer_seed(root, candidate, purpose))


def _whole(value: int) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        number = -1
    if number < 0:
        raise InputError(f"A seed must be a whole number of 0 or more, but it is {value!r}.")
    return number

"""One thread while something is fitted, so that what is fitted is the same to the bit in every process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def single_thread() -> Iterator[None]:
    """Lets torch compute on one thread, then on as many as before.

    A driver may load a problem on many threads and its workers on one; sums taken in another order would
    give principal axes, and with them scores, that differ in the last bits.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)

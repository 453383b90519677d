"""Memory that is free goes back to the system."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

from graftwork.runtime import InlineExecutor
from graftwork.runtime.memory import give_back


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_what_lies_free_between_what_is_in_use_goes_back() -> None:
    before = resident()
    blocks = [torch.ones(16_000) for _ in range(2_000)]  # 64 kB each, which the heap holds
    kept = blocks[::50]
    grown = resident() - before
    del blocks
    give_back()
    left = resident() - before
    assert grown > 100e6
    assert left < 0.3 * grown
    assert len(kept) == 40


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_an_inline_executor_gives_back_after_each_function() -> None:
    kept: list[torch.Tensor] = []

    def work() -> int:
        blocks = [torch.ones(16_000) for _ in range(2_000)]
        kept.extend(blocks[::50])
        return resident()

    before = resident()
    with InlineExecutor() as executor:
        most = executor.submit(work).result()
    assert resident() - before < 0.3 * (most - before)

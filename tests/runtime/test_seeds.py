"""Seeds depend on root, candidate and purpose, and on nothing else."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from graftwork.errors import InputError
from graftwork.runtime import generator, integer_seed, seed_sequence, torch_generator

keys = st.tuples(st.integers(0, 2**70), st.integers(0, 2**70) | st.text(), st.text())


@given(keys, keys)
def test_seeds_are_equal_exactly_when_their_keys_are(
    a: tuple[int, int | str, str], b: tuple[int, int | str, str]
) -> None:
    assert integer_seed(*a) == integer_seed(*a)
    assert (integer_seed(*a) == integer_seed(*b)) == (a == b)


@given(keys)
def test_integer_seeds_fit_torch(key: tuple[int, int | str, str]) -> None:
    assert 0 <= integer_seed(*key) < 2**63


def test_neighbours_draw_different_numbers() -> None:
    roots, candidates, purposes = range(10), [*range(10), *"0123456789"], ["weights", "batches", ""]
    seeds = {integer_seed(r, c, p) for r in roots for c in candidates for p in purposes}
    assert len(seeds) == 10 * 20 * 3


def test_words_of_large_numbers_are_not_mixed_up() -> None:
    assert integer_seed(1 + (2 << 32), 3, "x") != integer_seed(1, 2 + (3 << 32), "x")


def test_a_fresh_interpreter_draws_the_same() -> None:
    code = (
        "from graftwork.runtime import generator, torch_generator; import torch;"
        "print(generator(7, 'c1', 'a').random(3).tolist(), generator(7, 1, 'a').random(3).tolist(),"
        "torch.rand(3, generator=torch_generator(7, 'c1', 'b')).tolist())"
    )
    fresh = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": "99"},
    )
    here = (
        generator(7, "c1", "a").random(3).tolist(),
        generator(7, 1, "a").random(3).tolist(),
        torch.rand(3, generator=torch_generator(7, "c1", "b")).tolist(),
    )
    assert fresh.stdout.split("\n")[0] == " ".join(map(str, here))


def test_global_state_is_neither_read_nor_changed() -> None:
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = torch.rand(4, generator=torch_generator(3, 0, "noise"))
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    assert torch.equal(torch.rand(4, generator=torch_generator(3, 0, "noise")), first)


def test_numpy_integers_are_seeds_like_any() -> None:
    assert integer_seed(7, int(np.int64(3)), "a") == integer_seed(7, np.int64(3), "a")  # type: ignore[arg-type]


@pytest.mark.parametrize("root", [-1, 1.5, "7", None])
def test_a_root_that_is_no_seed_is_refused(root: object) -> None:
    with pytest.raises(InputError, match="whole number of 0 or more"):
        seed_sequence(root, 0, "weights")  # type: ignore[arg-type]

"""Limits of a piece of work, and what they are refused for."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from graftwork.errors import InputError
from graftwork.runtime import (
    InlineExecutor,
    Limited,
    Limits,
    ProcessExecutor,
    bytes_of,
    is_out_of_memory,
    limited,
    limits_of,
    make_executor,
    used_executor,
)
from graftwork.runtime.memory import check_memory_limits


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"seconds": 0},
        {"seconds": -1.0},
        {"seconds": float("inf")},
        {"seconds": float("nan")},
        {"seconds": "30"},
        {"seconds": True},
        {"memory": 0},
        {"memory": 1.5e9},
        {"memory": "2GB"},
    ],
    ids=str,
)
def test_limits_that_are_none_are_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=next(iter(asked), "limit nothing")):
        Limits(**asked)


@pytest.mark.parametrize("amount", ["", "GB", "-2GB", "2 TB", "2GB of memory", "1e9", "two"])
def test_amounts_that_are_none_are_refused(amount: str) -> None:
    with pytest.raises(InputError, match="800MB or 2GB"):
        bytes_of(amount)


@pytest.mark.parametrize("count", [10_000_000, 64_000_000, 1_500_000_000])
def test_an_amount_is_told_as_it_is_read(count: int) -> None:
    told = str(Limits(memory=count)).removesuffix(" of memory")
    assert bytes_of(told.removesuffix(" bytes")) == count


@pytest.mark.parametrize("count", [1, 9_999_999, 10**15 + 1, 10**29])
def test_memory_that_no_work_or_no_machine_has_is_refused(count: int) -> None:
    with pytest.raises(InputError, match="memory must be from 10 MB"):
        Limits(memory=count)


def test_a_function_keeps_its_limits_on_its_way() -> None:
    there = pickle.loads(pickle.dumps(limited(pow, Limits(seconds=3))))
    assert there == Limited(pow, Limits(seconds=3))
    assert limits_of(there) == Limits(seconds=3)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), True),
        (RuntimeError("std::bad_alloc"), True),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"), True),
        (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), True),
        (OSError(12, "Cannot allocate memory"), True),
        (ImportError("libx.so.5: failed to map segment from shared object"), True),
        (RuntimeError("shapes do not fit"), False),
        (ValueError("this is not enough"), False),
    ],
    ids=str,
)
def test_who_speaks_of_too_little_memory_is_understood(error: Exception, expected: bool) -> None:
    assert is_out_of_memory(error) is expected


def test_limits_ask_for_a_process_and_are_refused_by_this_one() -> None:
    limits = Limits(seconds=30)
    assert isinstance(make_executor(1, limits=limits), ProcessExecutor)
    with pytest.raises(InputError, match="30 s"):
        make_executor(1, name="inline", limits=limits)
    with pytest.raises(InputError, match="30 s"), used_executor(InlineExecutor(), 1, limits):
        pass


def test_limits_of_memory_are_refused_where_they_cannot_be_held(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    check_memory_limits()
    monkeypatch.setattr("graftwork.runtime.memory._MAPPED", tmp_path / "not there")
    with pytest.raises(InputError, match="Linux"):
        make_executor(2, limits=Limits(memory=10**9))

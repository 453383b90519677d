"""IDX files of others: no more is read or unpacked than the header speaks of, which has a limit."""

from __future__ import annotations

import contextlib
import gzip
import struct
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.errors import InputError
from graftwork.problem.bundled._idx import read_idx


def header(*shape: int) -> bytes:
    return struct.pack(f">I{len(shape)}I", 0x0800 | len(shape), *shape)


@pytest.mark.parametrize(
    "shape",
    [
        (2**32 - 1,),
        (2**32 - 1,) * 3,
        (2**31, 2**31, 4),
        (10**9 + 1,),
        (2,) * 200,
        (2**16, 2**16, 2**16, 2**16),
    ],
)
@pytest.mark.parametrize("name", ["plain", "packed.gz"])
def test_a_header_that_claims_the_world_is_refused(tmp_path: Path, shape: tuple[int, ...], name: str) -> None:
    data = header(*shape) + bytes(16)
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    with pytest.raises(InputError, match=r"at most 1000000000 bytes|came magic"):
        read_idx(tmp_path / name)


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(header(10, 10) + bytes(200_000_000), 1))
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=r"expected 100 bytes .* came more"):
            read_idx(tmp_path / "bomb.gz")
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


@given(data=st.binary(max_size=60), named=st.sampled_from(["f", "f.gz"]), headed=st.booleans())
def test_any_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, named: str, headed: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / named
    data = b"\0\0\x08" + data if headed else data
    path.write_bytes(gzip.compress(data) if headed and named == "f.gz" else data)
    with contextlib.suppress(InputError):
        assert read_idx(path).nbytes <= len(data)

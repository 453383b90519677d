"""Weights of others: nothing in them runs, what they claim is not believed, and they stay in their folder."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pickle
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.variation.samples import small_architecture

from graftwork.errors import InputError
from graftwork.model import build, with_weights
from graftwork.store import Store, load_tensors, save_tensors

SOUND = save_tensors({"w": torch.arange(6.0).reshape(2, 3), "b": torch.ones(4)})


class Canary:
    """Creates a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return Path.touch, (self._path,)


def torch_zip(value: object) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("write", [pickle.dumps, torch_zip])
def test_a_pickle_posing_as_weights_does_not_run(tmp_path: Path, write: Callable[[Any], bytes]) -> None:
    canary = tmp_path / "it ran"
    data = write({"w": Canary(canary)})
    with pytest.raises(InputError, match="safetensors"):
        load_tensors(data)
    posing = struct.pack("<Q", len(data)) + data
    with pytest.raises(InputError, match="safetensors"):
        load_tensors(posing)
    assert not canary.exists()
    pickle.loads(pickle.dumps(Canary(canary)))
    assert canary.exists()  # it would have


def described(header: object, data: bytes = b"", *, length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def tensor(
    dtype: str = "F32", shape: list[int] | None = None, offsets: list[int] | None = None
) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape or [1], "data_offsets": offsets or [0, 4]}


NASTY = {
    "nothing": b"",
    "a header of 2**63 bytes": described({}, length=2**63),
    "a header of a terabyte": described({}, length=10**12),
    "no header": described(b"", length=0),
    "not JSON": described(b"\x80\x04" * 8),
    "deep": described(b'{"w":' * 10_000 + b"0" + b"}" * 10_000),
    "overlapping": described({"a": tensor(), "b": tensor()}, bytes(4)),
    "a hole": described({"a": tensor(offsets=[4, 8])}, bytes(8)),
    "backwards": described({"a": tensor(offsets=[4, 0])}, bytes(4)),
    "beyond the end": described({"a": tensor(shape=[100], offsets=[0, 400])}, bytes(4)),
    "10**12 numbers": described({"a": tensor(shape=[10**12])}, bytes(4)),
    "2**62 times 4": described({"a": tensor(shape=[2**62, 4])}, bytes(4)),
    "2**64 rows": described({"a": tensor(shape=[2**64], offsets=[0, 0])}),
    "2**63 rows of nothing": described({"a": tensor(shape=[0, 2**63], offsets=[0, 0])}),
    "2**62 by 2**62 by nothing": described({"a": tensor(shape=[2**62, 2**62, 0], offsets=[0, 0])}),
    "minus one": described({"a": tensor(shape=[-1])}, bytes(4)),
    "an unknown type": described({"a": tensor("X128")}, bytes(4)),
    "a type that torch has not": described({"a": tensor("F4", [8])}, bytes(4)),
    "a half byte": described({"a": tensor("F6_E2M3", [16], [0, 12])}, bytes(12)),
    "more after the end": described({"a": tensor()}, bytes(1_000)),
}


@pytest.mark.parametrize("name", NASTY)
def test_nasty_weights_are_refused(name: str) -> None:
    with pytest.raises(InputError, match="safetensors"):
        load_tensors(NASTY[name])


@given(st.data())
def test_changed_weights_are_read_or_refused(data: st.DataObject) -> None:
    changed = bytearray(SOUND)
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(InputError):
        load_tensors(bytes(changed[: data.draw(st.integers(0, len(changed)))]))


@given(
    shape=st.lists(st.one_of(st.integers(0, 3), st.sampled_from([2**31, 2**32, 2**63 - 1])), max_size=70),
    dtype=st.sampled_from(
        [
            "BOOL",
            "F4",
            "F6_E2M3",
            "F8_E8M0",
            "F8_E4M3",
            "F16",
            "BF16",
            "F32",
            "F64",
            "C64",
            "I8",
            "U16",
            "U32",
            "U64",
        ]
    ),
    size=st.integers(0, 64),
)
def test_any_description_is_read_or_refused(shape: list[int], dtype: str, size: int) -> None:
    with contextlib.suppress(InputError):
        load_tensors(
            described({"a": {"dtype": dtype, "shape": shape, "data_offsets": [0, size]}}, bytes(size))
        )


def test_weights_of_another_model_are_refused_before_one_is_built() -> None:
    architecture = small_architecture(0)
    weights = build(architecture, seed=0).state_dict()
    name = next(name for name, value in weights.items() if value.numel() > 1)
    for spoiled in (
        {key: value for key, value in weights.items() if key != name},
        weights | {"more": torch.ones(1)},
        weights | {name: torch.ones(())},
        weights | {name: weights[name].to(torch.int64)},
        weights | {name: weights[name].to(torch.complex64)},
    ):
        with pytest.raises(InputError, match="weights: expected"):
            with_weights(architecture, spoiled)
    assert with_weights(architecture, weights).state_dict().keys() == weights.keys()


def test_weights_are_not_written_through_a_link(tmp_path: Path) -> None:
    """Half-written files bear names that are known beforehand: who prepared the folder could have put one."""
    precious = tmp_path / "precious"
    precious.write_text("mine")
    with Store.open(tmp_path / "run", kind="search", spec={}) as store:
        digest = store.add("a", {}, weights={"w": torch.ones(2)}).weights
        folder = tmp_path / "run" / "weights"
        (folder / f"{digest}.safetensors").unlink()
        (folder / f"{digest}.tmp").symlink_to(precious)
        store.add("b", {}, weights={"w": torch.ones(2)})
        assert store.load_weights(str(digest))["w"].tolist() == [1, 1]
    assert precious.read_text() == "mine"


def test_a_folder_of_weights_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with Store.open(tmp_path / "run", kind="search", spec={}) as store:
        (tmp_path / "run" / "weights").symlink_to(elsewhere)
        with pytest.raises(InputError, match="leads out of the run"):
            store.add("a", {}, weights={"w": torch.ones(2)})
    assert not list(elsewhere.iterdir())


@pytest.mark.parametrize("digest", ["../../x", "a" * 63, "A" * 64, "a" * 64 + "\n", "", b"a" * 64, None, 7])
def test_what_is_no_hash_becomes_no_path(tmp_path: Path, digest: Any) -> None:
    with (
        Store.open(tmp_path, kind="search", spec={}) as store,
        pytest.raises(InputError, match="64 hexadecimal"),
    ):
        store.load_weights(digest)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")
def test_neither_a_pipe_nor_a_vast_file_is_read(tmp_path: Path) -> None:
    with Store.open(tmp_path, kind="search", spec={}) as store:
        (tmp_path / "weights").mkdir()
        os.mkfifo(tmp_path / "weights" / f"{'a' * 64}.safetensors")
        vast = tmp_path / "weights" / f"{'b' * 64}.safetensors"
        vast.touch()
        os.truncate(vast, 10**12)
        for digest in ("a" * 64, "b" * 64):
            with pytest.raises(InputError, match="expected a file of at most"):
                store.load_weights(digest)

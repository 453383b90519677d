"""Weights come back bit for bit, or not at all."""

from __future__ import annotations

import gc
import hashlib
import os
import pickle
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from graftwork.errors import InputError
from graftwork.store import Store, load_tensors, save_tensors
from graftwork.store._weights import Weights

tensors = st.dictionaries(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=8).filter(lambda name: name != "__metadata__"),
    st.builds(
        lambda shape, dtype: torch.ones(shape).mul(3.7).to(dtype),
        st.lists(st.integers(0, 5), max_size=3),
        st.sampled_from([torch.float32, torch.float64, torch.int64, torch.bool, torch.bfloat16]),
    ),
    max_size=6,
)


@given(tensors)
def test_tensors_come_back_with_values_types_and_shapes(named: dict[str, torch.Tensor]) -> None:
    loaded = load_tensors(save_tensors(named))
    assert loaded.keys() == named.keys()
    for name, tensor in named.items():
        assert (loaded[name].dtype, loaded[name].shape) == (tensor.dtype, tensor.shape)
        assert torch.equal(loaded[name], tensor)


@given(tensors)
def test_bytes_do_not_depend_on_order(named: dict[str, torch.Tensor]) -> None:
    assert save_tensors(named) == save_tensors(dict(reversed(named.items())))


def test_parameters_views_and_shared_memory_are_saved_by_value() -> None:
    base = torch.nn.Parameter(torch.arange(12.0).reshape(3, 4))
    loaded = load_tensors(
        save_tensors({"whole": base, "again": base, "column": base[:, 1], "turned": base.t()})
    )
    assert torch.equal(loaded["whole"], base)
    assert torch.equal(loaded["again"], base)
    assert torch.equal(loaded["column"], base[:, 1])
    assert torch.equal(loaded["turned"], base.t())
    assert not any(tensor.requires_grad for tensor in loaded.values())


def test_special_floats_survive() -> None:
    special = torch.tensor([float("nan"), float("inf"), -0.0, 1e-42])
    loaded = load_tensors(save_tensors({"w": special}))["w"]
    assert torch.equal(loaded.view(torch.int32), special.view(torch.int32))


def test_loaded_tensors_are_aligned_and_own_their_memory() -> None:
    data = save_tensors({f"w{size}": torch.ones(size) for size in range(1, 30)})
    first, second = load_tensors(data), load_tensors(data)
    assert all(tensor.data_ptr() % 64 == 0 for tensor in first.values())
    first["w7"].zero_()
    assert torch.equal(second["w7"], torch.ones(7))
    assert torch.equal(first["w8"], torch.ones(8))


@pytest.mark.parametrize("data", [b"", b"x", b"\xff" * 100, pickle.dumps({"w": [1.0]})])
def test_what_is_not_safetensors_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="safetensors format"):
        load_tensors(data)


def test_every_way_of_cutting_short_is_refused() -> None:
    data = save_tensors({"w": torch.ones(5), "v": torch.zeros(3, 2)})
    for length in range(len(data)):
        with pytest.raises(InputError, match="safetensors format"):
            load_tensors(data[:length])


class Trap:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.path,)


def kept(folder: Path) -> tuple[str, Path]:
    with Store.open(folder, kind="study", spec={}) as store:
        digest = store.add("c1", {}, weights={"w": torch.arange(50.0)}).weights
    assert digest is not None
    return digest, folder / "weights" / f"{digest}.safetensors"


def test_files_are_named_by_their_content(tmp_path: Path) -> None:
    digest, path = kept(tmp_path)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == digest


def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    digest, path = kept(tmp_path)
    whole = path.read_bytes()
    flipped = whole[:-1] + bytes([whole[-1] ^ 1])
    with Store.read(tmp_path) as store:
        for damaged in (flipped, whole[:-4], b""):
            path.write_bytes(damaged)
            with pytest.raises(InputError, match=f"{digest}.safetensors is damaged"):
                store.load_weights(digest)


def test_a_pickle_in_place_of_weights_is_refused_and_does_not_run(tmp_path: Path) -> None:
    digest, path = kept(tmp_path)
    trap, sprung = pickle.dumps(Trap(tmp_path / "sprung")), tmp_path / "sprung"
    path.write_bytes(trap)
    forged = hashlib.sha256(trap).hexdigest()
    path.with_name(f"{forged}.safetensors").write_bytes(trap)
    with Store.read(tmp_path) as store:
        with pytest.raises(InputError, match="is damaged"):
            store.load_weights(digest)
        with pytest.raises(InputError, match=rf"{forged}.*safetensors format"):
            store.load_weights(forged)
    assert not sprung.exists()
    pickle.loads(trap)
    assert sprung.exists()


@pytest.mark.parametrize("digest", ["../graftwork", "", "A" * 64, "0" * 63])
def test_only_hashes_name_weights(tmp_path: Path, digest: str) -> None:
    kept(tmp_path)
    with Store.read(tmp_path) as store, pytest.raises(InputError, match="64 hexadecimal digits"):
        store.load_weights(digest)


def test_missing_weights_are_named(tmp_path: Path) -> None:
    kept(tmp_path)
    with Store.read(tmp_path) as store, pytest.raises(InputError, match=f"{'0' * 64}.safetensors: No such"):
        store.load_weights("0" * 64)


def test_a_half_written_file_is_ignored_and_replaced(tmp_path: Path) -> None:
    weights = {"w": torch.arange(50.0)}
    data = save_tensors(weights)
    digest = hashlib.sha256(data).hexdigest()
    half = tmp_path / "weights" / f"{digest}.tmp"
    with Store.open(tmp_path, kind="study", spec={}) as store:
        half.parent.mkdir()
        half.write_bytes(data[:100])
        with pytest.raises(InputError, match="Could not read weights"):
            store.load_weights(digest)
        assert store.add("c1", {}, weights=weights).weights == digest
        assert torch.equal(store.load_weights(digest)["w"], weights["w"])
    assert not half.exists()


def test_a_damaged_file_is_made_whole_when_its_weights_come_again(tmp_path: Path) -> None:
    digest, path = kept(tmp_path)
    path.write_bytes(b"damaged")
    with Store.open(tmp_path, kind="study", spec={}) as store:
        store.add("c2", {}, weights={"w": torch.arange(50.0)})
        assert torch.equal(store.load_weights(digest)["w"], torch.arange(50.0))


def test_saving_leaves_nothing_behind() -> None:
    save_tensors({"w": torch.ones(3)})
    gc.collect()
    before = len(gc.get_objects())
    for size in range(1000, 1100):
        save_tensors({"w": torch.ones(size)})
    gc.collect()
    assert len(gc.get_objects()) < before + 50


def test_what_is_renamed_is_on_disk_before_and_its_name_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    flush, rename = os.fsync, Path.replace

    def flushed(descriptor: int) -> None:
        flush(descriptor)
        told.append(Path(os.readlink(f"/proc/self/fd/{descriptor}")).suffix)

    def renamed(path: Path, target: Path) -> Path:
        told.append("renamed")
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(Path, "replace", renamed)
    Weights(tmp_path / "weights").save({"w": torch.ones(3)})
    assert told == [".tmp", "renamed", ""]


def test_the_name_of_a_new_run_is_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, bool]] = []
    flush, folder = os.fsync, tmp_path / "run"

    def flushed(descriptor: int) -> None:
        flush(descriptor)
        there = os.readlink(f"/proc/self/fd/{descriptor}")
        told.append((there, (folder / "graftwork.db").exists()))

    monkeypatch.setattr(os, "fsync", flushed)
    Store.open(folder, kind="study", spec={}).close()
    assert told == [(str(folder), True)]

"""Bundled problems: what they hold, how they travel, what is said when data are not at hand."""

from __future__ import annotations

import gzip
import os
import pickle
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import graftwork.problem
from graftwork.errors import InputError
from graftwork.problem import BUNDLED, Generation, Problem, Regression, load_problem, piecewise_linear
from graftwork.problem.bundled import fashion_mnist
from graftwork.problem.bundled._histogram import grey_histograms
from graftwork.problem.bundled._idx import read_idx


@pytest.fixture(scope="module")
def digits() -> Problem:
    return load_problem("digits")


def test_digits_ask_for_class_histogram_and_sample(digits: Problem) -> None:
    shapes = [(name, node.shape, node.width) for name, node in digits.inputs.items()]
    assert shapes == [("image", (1, 8, 8), 64), ("levels", (8, 8, 8), 512)]
    assert {name: (output.kind, output.width) for name, output in digits.outputs.items()} == {
        "digit": ("classification", 10),
        "histogram": ("regression", 16),
        "sample": ("generation", 64),
    }
    assert digits.train.rows + digits.validation.rows + digits.test.rows == 1797
    assert (digits.train.rows, digits.validation.rows) == (1083, 359)
    for split in (digits.train, digits.validation, digits.test):
        share = torch.bincount(split.targets["digit"], minlength=10) / split.rows
        assert (share - 0.1).abs().max() < 0.01


def test_digits_hold_grey_levels_from_0_to_1(digits: Problem) -> None:
    images = digits.outputs["sample"].decode(digits.test.targets["sample"])
    assert images.shape == (digits.test.rows, 1, 8, 8)
    assert images.min() == pytest.approx(0, abs=1e-6)
    assert images.max() == pytest.approx(1, abs=1e-6)
    histogram = digits.outputs["histogram"].decode(digits.test.targets["histogram"])
    np.testing.assert_allclose(histogram.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(
        histogram, grey_histograms((np.round(images * 16) / 16).astype(np.float32), 16), atol=1e-6
    )


def test_the_levels_of_digits_are_a_code_of_their_images(digits: Problem) -> None:
    decoded = {}
    for name, node in digits.inputs.items():
        assert node.standardiser is not None
        decoded[name] = node.standardiser.decode(digits.test.inputs[name])
    expected = piecewise_linear(decoded["image"][:, 0].astype(np.float32), 8)
    np.testing.assert_allclose(decoded["levels"], expected, atol=1e-5)


def test_bundled_histograms_share_one_scale(digits: Problem) -> None:
    histogram = digits.outputs["histogram"]
    assert isinstance(histogram, Regression)
    assert histogram.scale == "shared"


def test_images_in_and_out_share_their_memory(digits: Problem) -> None:
    assert digits.train.targets["sample"] is digits.train.inputs["image"]


def test_a_histogram_counts_every_pixel_once() -> None:
    images = np.array([[[0.0, 0.24, 0.25], [0.5, 0.99, 1.0]]], dtype=np.float32)
    assert (6 * grey_histograms(images, 4)).tolist() == [[2.0, 1.0, 1.0, 2.0]]


def test_a_bundled_problem_travels_as_its_name(digits: Problem) -> None:
    packed = pickle.dumps(digits)
    assert len(packed) < 200
    assert pickle.loads(packed) is digits


def test_the_fingerprint_is_the_same_in_a_fresh_interpreter(digits: Problem) -> None:
    source = Path(graftwork.problem.__file__).parents[2]
    code = "from graftwork.problem import load_problem; print(load_problem('digits').fingerprint)"
    environment = {**os.environ, "PYTHONPATH": str(source), "PYTHONHASHSEED": "77"}
    ran = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == digits.fingerprint


def test_an_unknown_problem_is_answered_with_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"unknown problem 'nope'; choose one of: .*digits"):
        load_problem("nope")
    with pytest.raises(InputError, match="choose one of: fashion-mnist, "):
        load_problem("fashon_mnist")
    assert set(BUNDLED) == {"digits", "fashion-mnist", "penguins", "cars", "diamonds", "mnist5k"}


def _idx(array: np.ndarray, magic: int = 0x0800) -> bytes:
    return struct.pack(f">I{array.ndim}I", magic | array.ndim, *array.shape) + array.tobytes()


def test_idx_files_are_read_packed_or_not(tmp_path: Path) -> None:
    array = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    (tmp_path / "plain").write_bytes(_idx(array))
    (tmp_path / "packed.gz").write_bytes(gzip.compress(_idx(array)))
    assert np.array_equal(read_idx(tmp_path / "plain"), array)
    assert np.array_equal(read_idx(tmp_path / "packed.gz"), array)


@pytest.mark.parametrize("length", [0, 3, 4, 10, 15, 39])
def test_idx_files_cut_short_are_refused(tmp_path: Path, length: int) -> None:
    content = _idx(np.random.default_rng(0).integers(256, size=(2, 3, 4), dtype=np.uint8))
    (tmp_path / "cut").write_bytes(content[:length])
    with pytest.raises(InputError, match="cut: expected"):
        read_idx(tmp_path / "cut")
    (tmp_path / "cut.gz").write_bytes(gzip.compress(content)[:length])
    with pytest.raises(InputError, match=r"cut\.gz"):
        read_idx(tmp_path / "cut.gz")


def test_idx_files_of_another_kind_are_refused(tmp_path: Path) -> None:
    (tmp_path / "floats").write_bytes(_idx(np.zeros((2, 2), dtype=np.uint8), magic=0x0D00))
    with pytest.raises(InputError, match="came magic 00000d02"):
        read_idx(tmp_path / "floats")


def test_fashion_mnist_that_is_not_at_hand_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRAFTWORK_DATA", str(tmp_path))
    with pytest.raises(InputError, match=r"apt install dataset-fashion-mnist.*GRAFTWORK_DATA") as refusal:
        fashion_mnist()
    assert str(tmp_path) in str(refusal.value)


def test_fashion_mnist_files_of_another_size_or_incomplete_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRAFTWORK_DATA", str(tmp_path))
    folder = tmp_path / "fashion-mnist"
    folder.mkdir()
    images = folder / "train-images-idx3-ubyte"
    images.write_bytes(_idx(np.zeros((5, 28, 28), dtype=np.uint8)))
    with pytest.raises(InputError, match=r"expected shape \(60000, 28, 28\), came \(5, 28, 28\)"):
        fashion_mnist()
    images.write_bytes(_idx(np.zeros((60_000, 28, 28), dtype=np.uint8)))
    with pytest.raises(InputError, match=r"has no train-labels-idx1-ubyte\.gz"):
        fashion_mnist()


def test_fashion_mnist_holds_the_official_test_rows() -> None:
    try:
        problem = load_problem("fashion-mnist")
    except InputError as error:
        pytest.skip(str(error))
    assert (problem.train.rows, problem.validation.rows, problem.test.rows) == (50_000, 10_000, 10_000)
    assert {name: (output.kind, output.width) for name, output in problem.outputs.items()} == {
        "garment": ("classification", 10),
        "histogram": ("regression", 32),
        "sample": ("generation", 784),
    }
    assert isinstance(problem.outputs["sample"], Generation)
    assert problem.outputs["sample"].shape == (1, 28, 28)
    assert torch.bincount(problem.test.targets["garment"]).tolist() == [1000] * 10
    # The first official test images: an ankle boot, a pullover, two pairs of trousers.
    assert problem.test.targets["garment"][:4].tolist() == [9, 2, 1, 1]

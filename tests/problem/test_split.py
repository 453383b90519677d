"""Stratified splits."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from graftwork.errors import InputError
from graftwork.problem.split import SPLITS, Split, stratified_rows


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=200),
    st.integers(0, 2**32),
    st.sampled_from([(0.6, 0.2, 0.2), (0.5, 0.3, 0.2), (0.8, 0.1, 0.1)]),
)
def test_splits_share_out_every_row_once_and_every_stratum_evenly(
    strata: list[int], seed: int, fractions: tuple[float, float, float]
) -> None:
    labels = np.array(strata)
    rows = stratified_rows(labels, seed, fractions)
    assert tuple(rows) == SPLITS
    assert np.sort(np.concatenate(list(rows.values()))).tolist() == list(range(len(labels)))
    for stratum in np.unique(labels):
        total = np.count_nonzero(labels == stratum)
        for name, share in zip(SPLITS, fractions, strict=True):
            assert abs(np.count_nonzero(labels[rows[name]] == stratum) - share * total) < 2
        assert stratum in labels[rows["train"]]


def test_the_split_depends_on_the_seed_alone() -> None:
    labels = np.arange(100) % 3
    first, again, other = (stratified_rows(labels, seed, (0.6, 0.2, 0.2)) for seed in (1, 1, 2))
    assert all(np.array_equal(first[name], again[name]) for name in SPLITS)
    assert not np.array_equal(np.sort(first["test"]), np.sort(other["test"]))


def test_rows_of_sorted_data_come_shuffled() -> None:
    rows = stratified_rows(np.repeat([0, 1], 500), 0, (0.6, 0.2, 0.2))
    head = rows["validation"][:100] < 500
    assert 30 < head.sum() < 70


@pytest.mark.parametrize(
    "fractions", [(0.6, 0.4), (0.6, 0.4, 0.0), (0.6, 0.6, -0.2), (0.5, 0.2, 0.2), (float("nan"), 0.5, 0.5)]
)
def test_fractions_that_are_no_shares_are_refused(fractions: tuple[float, ...]) -> None:
    with pytest.raises(InputError, match="fractions: expected three positive shares"):
        stratified_rows(np.zeros(10, dtype=np.int64), 0, fractions)


def test_the_first_rows_of_a_split_are_its_first_rows() -> None:
    whole = Split({"x": torch.arange(6.0).reshape(3, 2)}, {"y": torch.arange(3)})
    part = whole.first(2)
    assert part.inputs["x"].tolist() == [[0, 1], [2, 3]]
    assert part.targets["y"].tolist() == [0, 1]
    assert whole.first(3) is whole.first(9) is whole

"""Whitened coordinates, of well-behaved and of degenerate training rows."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from graftwork.problem import Generation
from graftwork.problem._whitening import Whitening


def _mixture(rows: int, seed: int = 0) -> Tensor:
    """Rows of four features that depend on each other, of unequal variance."""
    random = np.random.default_rng(seed)
    mixing = np.array(
        [[2.0, 1.0, 0.0, 0.5], [0.0, 1.0, 1.0, 0.0], [0.0, 0.0, 1.0, 1.0], [0.3, 0.0, 0.0, 1.0]]
    )
    return torch.from_numpy(random.normal(size=(rows, 4)) @ mixing + 5)


def test_strong_axes_get_variance_one_and_weak_ones_less() -> None:
    random = np.random.default_rng(0)
    rows = (
        torch.from_numpy(random.normal(size=(5000, 3)) * [1.0, 1.0, 0.01])
        @ torch.linalg.qr(torch.from_numpy(random.normal(size=(3, 3)))).Q
    )
    covariance = torch.cov(Whitening.fit(rows)(rows).T, correction=0)
    assert torch.allclose(covariance, torch.diag(covariance.diag()), atol=1e-8)
    weak, *strong = sorted(covariance.diag().tolist())
    assert strong == pytest.approx([1, 1], abs=1e-8)
    assert weak == pytest.approx(0.0001 / (0.05 * 2.0001 / 3), rel=0.1)


@pytest.mark.parametrize(
    ("width", "sizes"),
    [(1, [1]), (2, [1, 1]), (3, [1, 1, 1]), (4, [1, 1, 2]), (9, [1, 1, 2, 4, 1])],
)
def test_blocks_are_of_axes_by_falling_variance(width: int, sizes: list[int]) -> None:
    rows = torch.randn(200, width, generator=torch.Generator().manual_seed(0)) * torch.arange(1, width + 1)
    blocks = Whitening.fit(rows).blocks(rows)
    assert [block.shape[1] for block in blocks] == sizes
    assert torch.equal(torch.cat(blocks, dim=1), Whitening.fit(rows)(rows))
    variances = (rows.double() @ torch.linalg.pinv(Whitening.fit(rows).projection).T).var(dim=0)
    assert (variances.diff() <= 1e-9).all()


def test_distances_do_not_depend_on_how_the_features_are_turned() -> None:
    rows = _mixture(300)
    turn = torch.linalg.qr(_mixture(4, seed=1)).Q
    plain, turned = Whitening.fit(rows)(rows), Whitening.fit(rows @ turn)(rows @ turn)
    assert torch.allclose(torch.pdist(plain), torch.pdist(turned), atol=1e-8)


def test_many_rows_are_summed_block_by_block() -> None:
    rows = _mixture(10_000)
    whitened = Whitening.fit(rows)(rows)
    assert torch.allclose(
        torch.cov(whitened.T, correction=0).diag().sort().values[1:], torch.ones(3).double(), atol=1e-6
    )


def _degenerate() -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    column = random.normal(size=(200, 1))
    constant = np.full((200, 1), 3.0)
    return {
        "constant features": np.concatenate(
            [column, constant, random.normal(size=(200, 1)), constant], axis=1
        ),
        "copied features": np.repeat(column, 4, axis=1),
        "fewer rows than features": random.normal(size=(8, 40)),
        "two rows": np.array([[0.0, 1.0, 2.0], [1.0, 1.0, 2.0]]),
    }


@pytest.mark.parametrize("name", _degenerate())
@pytest.mark.parametrize("image", [False, True])
def test_degenerate_rows_are_judged_and_strange_samples_seen(name: str, image: bool) -> None:
    rows = _degenerate()[name]
    rows = rows[:, None, None] if image else rows
    output = Generation().fitted(rows)
    assert output.whitening is not None
    assert output.whitening.projection.isfinite().all()
    target = output.encode(rows)
    # Every feature moves, also along axes on which training rows do not vary at all.
    strange = target + torch.randn(target.shape, generator=torch.Generator().manual_seed(0))
    alike = output.errors(target, target)["energy_distance"]
    apart = output.errors(strange, target)["energy_distance"]
    assert np.isfinite([alike, apart]).all()
    assert apart > alike + 0.1

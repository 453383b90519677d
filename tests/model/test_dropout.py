"""Units left out while training: how many, of which networks, and by whose draws."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from graftwork.architecture import (
    Architecture,
    Connection,
    InputNode,
    Layer,
    Network,
    OutputNode,
    draw_svg,
)
from graftwork.model import Dropout, build

_TRAINED = frozenset({"n0", "n1"})


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_a_share_of_the_units_is_left_out_and_the_mean_kept(rate: float) -> None:
    dropped = Dropout(0, _TRAINED)("n0", rate, torch.ones(200, 500))
    assert float((dropped == 0).float().mean()) == pytest.approx(rate, abs=0.01)
    assert float(dropped.mean()) == pytest.approx(1.0, abs=0.03)


def test_rates_are_met_to_one_in_65536_and_never_all_is_left_out() -> None:
    made = Dropout(0, _TRAINED).mask("n0", 1e-3, (4000, 999))
    assert made.dtype == torch.float32
    assert float((made == 0).float().mean()) == pytest.approx(1e-3, rel=0.06)
    assert sorted(set(made.flatten().tolist())) == pytest.approx([0.0, 1.0 / (1 - 66 / 65536)])
    almost = Dropout(0, _TRAINED).mask("n0", 0.999999, (10, 5))
    assert almost.shape == (10, 5)
    assert set(almost.flatten().tolist()) <= {0.0, 65536.0}


def test_draws_differ_from_step_to_step_and_repeat_with_the_seed() -> None:
    first, again, other = (Dropout(seed, _TRAINED) for seed in (0, 0, 1))
    ones = torch.ones(4, 64)
    steps = [first("n0", 0.5, ones) for _ in range(3)]
    assert not torch.equal(steps[0], steps[1])
    assert all(torch.equal(step, again("n0", 0.5, ones)) for step in steps)
    assert not torch.equal(steps[0], other("n0", 0.5, ones))


def test_what_happens_in_one_network_changes_nothing_in_another() -> None:
    alone, beside = Dropout(0, _TRAINED), Dropout(0, _TRAINED)
    ones = torch.ones(4, 64)
    beside("n1", 0.5, ones)
    assert torch.equal(alone("n0", 0.5, ones), beside("n0", 0.5, ones))
    first, second = (Dropout(0, _TRAINED)(name, 0.5, ones) for name in ("n0", "n1"))
    assert not torch.equal(first, second)


def _architecture(dropout: float) -> Architecture:
    layers = (Layer(64, "relu"),)
    return Architecture(
        inputs=(InputNode("pixels", 8),),
        outputs=(OutputNode("amount", "regression", 2),),
        networks=(Network("n0", "regressor", 2, layers, dropout=dropout),),
        connections=(Connection("pixels", "n0"), Connection("n0", "amount")),
    )


@torch.no_grad()
def test_a_model_drops_units_only_where_it_is_told_to() -> None:
    with_dropout, without = build(_architecture(0.5), seed=0), build(_architecture(0.0), seed=0)
    rows = {"pixels": torch.randn(20, 8, generator=torch.Generator().manual_seed(0))}
    plain = without(rows)["amount"]
    assert torch.equal(with_dropout(rows)["amount"], plain)
    assert torch.equal(with_dropout.train()(rows)["amount"], plain)
    frozen = with_dropout.run(rows, dropout=Dropout(0, frozenset())).outputs["amount"]
    assert torch.equal(frozen, plain)
    trained = with_dropout.run(rows, dropout=Dropout(0, frozenset({"n0"}))).outputs["amount"]
    assert not torch.equal(trained, plain)
    nothing = without.run(rows, dropout=Dropout(0, frozenset({"n0"}))).outputs["amount"]
    assert torch.equal(nothing, plain)


def test_dropout_is_part_of_the_architecture() -> None:
    first, second = _architecture(0.0), _architecture(0.5)
    assert first != second
    assert Architecture.from_json(second.to_json()) == second
    old = second.to_json().replace(', "dropout": 0.5', "")
    assert Architecture.from_json(old) == first
    assert "dropout 0.5" in draw_svg(second)
    assert first == replace(second, networks=first.networks)

"""Weights of every strategy that weighs, for whatever losses there are."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.errors import InputError
from graftwork.training import Balancer, Dynamic, Scaled, Sequential, Static, Uncertainty
from graftwork.training.balancing import AGGREGATORS, BALANCERS, Aggregated, named_balancer
from graftwork.training.balancing._base import Balance, relative

WEIGHING = {name: balancer for name, balancer in BALANCERS.items() if name not in AGGREGATORS}
losses = st.floats(0, 1e30, allow_nan=False) | st.sampled_from([0.0, 1e-30, 1.0])


@st.composite
def histories(draw: st.DrawFn) -> list[dict[str, float]]:
    """Losses of one to four outputs, step by step."""
    names = [f"o{index}" for index in range(draw(st.integers(1, 4)))]
    return draw(st.lists(st.fixed_dictionaries(dict.fromkeys(names, losses)), min_size=1, max_size=40))


def replayed(balance: Balance, history: list[dict[str, float]]) -> list[dict[str, float]]:
    """Its weights at every step, each followed by a look with the same losses."""
    given_weights = []
    for step in history:
        weights = balance.weights(step)
        given_weights.append({name: weights.get(name, 1.0) for name in step})
        balance.looked(step)
    return given_weights


@pytest.mark.parametrize("balancer", WEIGHING.values(), ids=WEIGHING.keys())
@given(histories())
def test_weights_are_finite_and_not_negative(balancer: Balancer, history: list[dict[str, float]]) -> None:
    for weights in replayed(balancer.start([*history[0]], steps=30), history):
        assert all(math.isfinite(weight) and weight >= 0 for weight in weights.values())
        assert any(weights.values())


@pytest.mark.parametrize(
    ("balancer", "most"), [(Scaled(), 100), (Dynamic(), 10), (Uncertainty(), math.exp(10))], ids=str
)
@given(histories())
def test_weights_have_a_mean_of_one_and_a_bounded_range(
    balancer: Balancer, most: float, history: list[dict[str, float]]
) -> None:
    seen: set[str] = set()
    for step, weights in zip(
        history, replayed(balancer.start([*history[0]], steps=None), history), strict=True
    ):
        seen |= {name for name, loss in step.items() if loss}
        if isinstance(balancer, Scaled) and len(seen) < len(step):
            continue  # of what had no target yet, it gives no weight
        assert sum(weights.values()) / len(weights) == pytest.approx(1)
        assert max(weights.values()) <= most * min(weights.values()) * (1 + 1e-9)


@pytest.mark.parametrize("balancer", WEIGHING.values(), ids=WEIGHING.keys())
@given(histories())
def test_a_training_remembers_nothing_of_another(balancer: Balancer, history: list[dict[str, float]]) -> None:
    first = replayed(balancer.start([*history[0]], steps=30), history)
    assert replayed(balancer.start([*history[0]], steps=30), history) == first


@pytest.mark.parametrize("balancer", WEIGHING.values(), ids=WEIGHING.keys())
@given(st.lists(losses, min_size=1, max_size=40))
def test_one_output_alone_has_a_weight_of_one(balancer: Balancer, history: list[float]) -> None:
    balance = balancer.start(["only"], steps=20)
    for weights in replayed(balance, [{"only": loss} for loss in history]):
        assert weights["only"] == pytest.approx(1)
    assert not balance.waiting


@pytest.mark.parametrize("balancer", [Scaled(), Uncertainty(rate=0.1)], ids=["scaled", "uncertainty"])
def test_weights_come_to_be_as_one_over_the_loss(balancer: Balancer) -> None:
    balance = balancer.start(["loud", "quiet"], steps=None)
    for _ in range(500):
        weights = balance.weights({"loud": 50.0, "quiet": 0.5})
    assert weights["quiet"] / weights["loud"] == pytest.approx(100, rel=0.01)


@pytest.mark.parametrize("balancer", [Scaled(), Uncertainty()], ids=["scaled", "uncertainty"])
def test_a_batch_without_a_target_says_nothing(balancer: Balancer) -> None:
    history = [{"a": 1.0 + step % 3, "b": 2.0} for step in range(20)]
    with_gaps = [entry for step in history for entry in (step, {"a": 0.0, "b": 2.0}, {"a": 0.0, "b": 0.0})]
    plain, gaps = (balancer.start(["a", "b"], steps=None) for _ in range(2))
    of_a = [{"a": step["a"], "b": 0.0} for step in with_gaps]
    for step in history:
        plain.weights({"a": step["a"], "b": 0.0})
    for step in of_a:
        gaps.weights(step)
    assert plain.weights({"a": 0.0, "b": 0.0}) == gaps.weights({"a": 0.0, "b": 0.0})


def test_an_output_that_has_all_but_vanished_leaves_weight_to_the_rest() -> None:
    balance = Scaled().start(["done", "learning"], steps=None)
    weights = balance.weights({"done": 1e-12, "learning": 1.0})
    assert weights["learning"] == pytest.approx(2 / 101)


def test_uncertainty_recovers_from_a_loss_that_explodes_for_a_step() -> None:
    balance = Uncertainty().start(["wild", "calm"], steps=None)
    balance.weights({"wild": 1e20, "calm": 1.0})
    after = balance.weights({"wild": 1.0, "calm": 1.0})
    assert after["wild"] > 0.3 * after["calm"]
    for _ in range(400):
        weights = balance.weights({"wild": 1.0, "calm": 1.0})
    assert weights["wild"] == pytest.approx(weights["calm"], rel=0.05)


def test_dynamic_moves_weight_to_what_has_not_converged_and_back() -> None:
    balance = Dynamic(patience=2).start(["stuck", "gaining"], steps=None)
    loss = 1.0
    shares = []
    for _ in range(30):
        loss *= 0.9
        balance.looked({"stuck": 1.0, "gaining": loss})
        shares.append(balance.weights({})["gaining"])
    assert shares[0] == shares[1] == 1.0  # patience
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(20 / 11)  # ten times the other
    stuck = 1.0
    for _ in range(30):
        stuck *= 0.9
        balance.looked({"stuck": stuck, "gaining": loss})
    assert balance.weights({})["gaining"] == pytest.approx(2 / 11)


def test_dynamic_leaves_all_alike_where_all_converge_at_once() -> None:
    balance = Dynamic(patience=1).start(["a", "b", "c"], steps=None)
    for _ in range(10):
        balance.looked({"a": 0.0, "b": 1.0, "c": 7.0})
    assert balance.weights({}) == {"a": 1.0, "b": 1.0, "c": 1.0}


def test_sequential_gives_each_its_share_of_the_steps_and_all_the_last() -> None:
    balance = Sequential(("c",)).start(["a", "b", "c"], steps=40)
    turns = []
    for _ in range(40):
        waiting, weights = balance.waiting, balance.weights({})
        turns.append("".join(name for name, weight in weights.items() if weight))
        assert set(weights.values()) <= {0.0, 1.0}
    assert turns == ["c"] * 10 + ["a"] * 10 + ["b"] * 10 + ["abc"] * 10
    assert waiting is False


def test_sequential_goes_on_as_soon_as_an_output_has_converged() -> None:
    balance = Sequential(patience=2).start(["a", "b"], steps=3000)
    for look in range(3):
        assert balance.weights({}) == {"a": 1.0, "b": 0.0}, look
        balance.looked({"a": 1.0, "b": 1.0 / (look + 1)})
    assert balance.weights({}) == {"a": 0.0, "b": 1.0}
    assert balance.waiting
    for _ in range(3):
        balance.looked({"a": 5.0, "b": 1.0})
    assert balance.weights({}) == {"a": 1.0, "b": 1.0}
    assert not balance.waiting


@given(st.integers(1, 12), st.integers(1, 4))
def test_sequential_has_a_turn_for_all_that_steps_suffice_for(steps: int, outputs: int) -> None:
    names = [f"o{index}" for index in range(outputs)]
    balance = Sequential().start(names, steps=steps)
    trained = {name for _ in range(steps) for name, weight in balance.weights({}).items() if weight}
    assert trained == set(names[:steps])


@pytest.mark.parametrize(
    ("make", "culprit"),
    [
        (lambda: Static({"digit": -1.0}), "digit"),
        (lambda: Static({"digit": math.inf}), "digit"),
        (lambda: Static({"digit": math.nan}), "digit"),
        (lambda: Scaled(memory=1.0), "memory"),
        (lambda: Scaled(memory=-0.1), "memory"),
        (lambda: Scaled(memory=math.nan), "memory"),
        (lambda: Dynamic(factor=1.0), "factor"),
        (lambda: Dynamic(factor=math.inf), "factor"),
        (lambda: Dynamic(factor=math.nan), "factor"),
        (lambda: Dynamic(patience=0), "patience"),
        (lambda: Dynamic(tolerance=1.0), "tolerance"),
        (lambda: Dynamic(tolerance=math.nan), "tolerance"),
        (lambda: Sequential(("a", "a")), "order"),
        (lambda: Sequential(patience=0), "patience"),
        (lambda: Sequential(tolerance=-0.1), "tolerance"),
        (lambda: Uncertainty(rate=0.0), "rate"),
        (lambda: Uncertainty(rate=1.0), "rate"),
        (lambda: Uncertainty(rate=math.nan), "rate"),
        (lambda: Aggregated("nope"), "aggregator"),
        (lambda: named_balancer("nope"), "balancer"),
    ],
)
def test_what_makes_no_sense_is_refused(make: Callable[[], Balancer], culprit: str) -> None:
    with pytest.raises(InputError, match=culprit):
        make()


@pytest.mark.parametrize(
    "balancer",
    [*BALANCERS.values(), Static({"b": 2, "a": 0.5}), Dynamic(factor=2.0), Sequential(("a", "b"))],
    ids=repr,
)
def test_a_balancer_is_told_whole_and_goes_to_workers(balancer: Balancer) -> None:
    names = {kind.__name__: kind for kind in (Aggregated, Dynamic, Scaled, Sequential, Static, Uncertainty)}
    assert eval(repr(balancer), names) == balancer  # noqa: S307
    assert pickle.loads(pickle.dumps(balancer)) == balancer


def test_fixed_weights_are_told_in_one_order_and_do_not_change_behind_the_back() -> None:
    given_weights: dict[str, float] = {"b": 2, "a": 1}
    balancer = Static(given_weights)
    given_weights["a"] = 7
    assert repr(balancer) == repr(Static({"a": 1.0, "b": 2.0}))


@given(st.dictionaries(st.text(max_size=3), st.floats(1e-9, 1e9), min_size=1, max_size=5), st.floats(1, 1e6))
def test_relative_weights_keep_their_order(weights: dict[str, float], range_: float) -> None:
    made = relative(weights, range_=range_)
    assert math.fsum(made.values()) == pytest.approx(len(made))
    ordered = sorted(weights, key=lambda name: weights[name])
    assert [made[name] for name in ordered] == sorted(made.values())
    assert max(made.values()) <= range_ * min(made.values()) * (1 + 1e-9)

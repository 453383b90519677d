"""The table of effects against planted truth, and against scipy's own figures."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy import stats
from tests.study.samples import clustered, record

from graftwork.study import Effect, operator_effects, operators_differ
from graftwork.study.correction import corrected
from graftwork.study.effects import bootstrap_median, rank_biserial, signed_rank_p, skill_sample

SEEDS = 120


def only(
    effects: list[Effect], response: str = "skill:classification", operator: str = "clone_network"
) -> Effect:
    (found,) = [
        e for e in effects if e.response == response and e.operator == operator and e.affected is not False
    ]
    return found


@cache
def null_effects() -> list[Effect]:
    """An operator that does nothing, studied over and over."""
    return [only(operator_effects(clustered(seed), seed=seed)) for seed in range(SEEDS)]


def test_figures_of_a_hand_worked_study() -> None:
    changes = [[0.1, 0.2], [0.3, -0.1], [0.5, 0.0]]
    records = [
        record(parent, {"label": change}, trial=trial, complexity={"parameters": np.log(2.0)})
        for parent, of in enumerate(changes)
        for trial, change in enumerate(of)
    ]
    effects = operator_effects(records)
    skill, size = only(effects), only(effects, "parameters")
    assert (skill.records, skill.parents) == (6, 3)
    assert skill.change.median == pytest.approx(0.15)
    assert skill.improved == pytest.approx(4 / 6)
    assert skill.effect_size == 1.0  # the means of the parents are 0.15, 0.1, 0.25
    assert skill.p == pytest.approx(0.25)
    assert (size.change.median, size.change.low, size.change.high) == (np.log(2.0),) * 3
    assert size.affected is None


def test_affected_and_unaffected_outputs_are_told_apart() -> None:
    records = [record(p, {"label": 0.5, "sample": -0.25}, affected=frozenset({"label"})) for p in range(6)]
    found = {(e.response, e.affected): e.change.median for e in operator_effects(records)}
    assert found == {("skill:classification", True): 0.5, ("skill:generation", False): -0.25}


def test_copies_of_records_tell_nothing_new() -> None:
    once = [
        record(parent, {"label": change})
        for parent, change in enumerate(np.random.default_rng(3).normal(size=15))
    ]
    copies = [twin for one in once for twin in [one] * 8]
    single, copied = only(operator_effects(once)), only(operator_effects(copies))
    assert copied.change == single.change
    assert (copied.p, copied.q) == (single.p, single.q)


def test_the_interval_is_wider_where_records_of_a_parent_are_copies_of_each_other() -> None:
    rng = np.random.default_rng(4)
    alike = [record(p, {"label": change}) for p, change in enumerate(rng.normal(size=15)) for _ in range(8)]
    apart = [record(p, {"label": rng.normal()}) for p in range(15) for _ in range(8)]
    wide, narrow = (only(operator_effects(records)).change for records in (alike, apart))
    # Eight independent records a parent are worth eight times the parents: the square root of 8 is 2.8.
    assert wide.high - wide.low > 1.8 * (narrow.high - narrow.low)


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    covered = np.mean([effect.change.low <= 0 <= effect.change.high for effect in null_effects()])
    assert covered >= 0.89


def test_no_effect_is_called_significant_no_more_often_than_it_may() -> None:
    called = sum(effect.p < 0.05 for effect in null_effects())
    assert stats.binomtest(called, SEEDS, 0.05).pvalue > 0.01
    assert all(effect.q >= effect.p for effect in null_effects())


@pytest.mark.parametrize("sign", [1, -1])
def test_a_planted_effect_is_found(sign: int) -> None:
    found = only(operator_effects(clustered(0, effect=2.0 * sign)))
    assert found.q < 0.001
    assert found.change.low < 2.0 * sign < found.change.high
    assert found.effect_size * sign > 0.9
    assert (found.improved > 0.9) == (sign > 0)


@pytest.mark.parametrize("seed", range(5))
def test_p_values_are_those_of_scipy(seed: int) -> None:
    means = np.random.default_rng(seed).normal(0.3, size=12)
    assert signed_rank_p(means) == stats.wilcoxon(means).pvalue
    positive, negative = (sum(stats.rankdata(np.abs(means))[means * sign > 0]) for sign in (1, -1))
    assert rank_biserial(means) == pytest.approx((positive - negative) / (positive + negative))


def test_where_nothing_changes_nothing_is_significant() -> None:
    effect = only(operator_effects([record(parent, {"label": 0.0}) for parent in range(6)]))
    assert (effect.p, effect.q, effect.effect_size, effect.improved) == (1.0, 1.0, 0.0, 0.0)


def benjamini_hochberg(p_values: list[float]) -> list[float]:
    """By the book: the least, over all p at least as large, of p times the count over the rank."""
    ordered = sorted(p_values)
    return [
        min(min(1.0, q * len(ordered) / rank) for rank, q in enumerate(ordered, 1) if q >= p)
        for p in p_values
    ]


def test_correction_is_by_the_book_within_each_family() -> None:
    p_values = list(np.random.default_rng(0).uniform(size=20) ** 2)
    families = ["skill" if place % 3 else "complexity" for place in range(20)]
    for name in ("skill", "complexity"):
        own = [p for p, family in zip(p_values, families, strict=True) if family == name]
        found = [
            q for q, family in zip(corrected(p_values, families), families, strict=True) if family == name
        ]
        assert found == pytest.approx(benjamini_hochberg(own))
    assert corrected([], []) == []


def test_what_is_certain_of_complexity_does_not_make_skill_significant() -> None:
    growing = [
        record(
            p, {"label": c}, operator=o, complexity=dict.fromkeys(("parameters", "macs", "layers"), 0.1 + p)
        )
        for o, seed in (("clone_network", 1), ("add_connection", 2))
        for p, c in enumerate(np.random.default_rng(seed).normal(0.4, size=14))
    ]
    still = [record(r.parent, r.effects, operator=r.operator) for r in growing]
    assert only(operator_effects(growing), "macs").q < 0.001
    assert only(operator_effects(growing)).q == only(operator_effects(still)).q


def test_trials_that_failed_have_no_effects() -> None:
    good = [record(parent, {"label": 0.1 * parent}) for parent in range(8)]
    bad = [
        record(parent, {}, trial=1, status="child failed, control done", operator=operator)
        for parent in range(8)
        for operator in ("clone_network", "bypass_network")
    ]
    assert operator_effects([*good, *bad]) == operator_effects(good)
    assert operator_effects([]) == []


def test_whether_operators_differ_is_the_test_of_scipy() -> None:
    samples = {o: clustered(s, operator=o) for s, o in enumerate(("add_connection", "bypass_network"))}
    groups = [[np.mean(v) for v in skill_sample(of, "classification").values()] for of in samples.values()]
    alike = [one for of in samples.values() for one in of]
    assert operators_differ(alike, "classification") == pytest.approx(stats.kruskal(*groups).pvalue)
    assert operators_differ(alike, "classification") > 0.01
    assert (
        operators_differ([*alike, *clustered(5, effect=4.0, operator="clone_network")], "classification")
        < 1e-6
    )
    assert operators_differ(samples["add_connection"], "classification") == 1.0


def test_the_interval_is_that_of_medians_of_resampled_parents() -> None:
    rng = np.random.default_rng(0)
    groups = [rng.normal(size=size) for size in (1, 2, 5, 3, 8, 4, 1, 6)]
    drawn = [np.concatenate([groups[i] for i in rng.integers(8, size=8)]) for _ in range(20_000)]
    low, high = np.quantile([np.median(values) for values in drawn], [0.025, 0.975])
    found = [bootstrap_median({("p", i): list(g) for i, g in enumerate(groups)}, seed=s) for s in range(20)]
    assert np.mean([interval.low for interval in found]) == pytest.approx(low, abs=0.03)
    assert np.mean([interval.high for interval in found]) == pytest.approx(high, abs=0.03)


def test_the_same_seed_gives_the_same_interval() -> None:
    sample = skill_sample(clustered(1), "classification")
    assert bootstrap_median(sample, seed=3) == bootstrap_median(sample, seed=3)
    assert bootstrap_median(sample, seed=3) != bootstrap_median(sample, seed=4)

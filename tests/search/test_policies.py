"""Policies on planted diagnoses and guidelines."""

from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np
import pytest
from scipy import stats
from tests.search.samples import SPACE, candidate, diagnosed
from tests.variation.samples import small_architecture

from graftwork.diagnosis import Diagnosis, Finding, site_features
from graftwork.errors import InputError
from graftwork.guidelines import Condition, Evidence, Guideline, Guidelines
from graftwork.search import (
    Archive,
    Choice,
    GuidedPolicy,
    Policy,
    RandomPolicy,
    RelevancePolicy,
    Situation,
    make_policy,
)
from graftwork.search.policies.guided import FLOOR
from graftwork.search.policies.relevance import INCREASING, REDUCING
from graftwork.study import Interval

SKILLS = {"digit": 0.5, "type": 0.4, "image": 0.3}
OUTPUTS = tuple(SKILLS)
ARCHITECTURE = small_architecture(3)
NETWORKS = [network.name for network in ARCHITECTURE.networks]


def situation(diagnosis: Diagnosis | None) -> Situation:
    parent = candidate(0, SKILLS, architecture=ARCHITECTURE, diagnosis=diagnosis)
    archive = Archive(SPACE)
    archive.add(parent)
    return Situation(parent, archive)


def choices(policy: Policy, of: Situation, draws: int = 700, seed: int = 0) -> list[Choice]:
    rng = np.random.default_rng(seed)
    return [policy.choose(of, rng) for _ in range(draws)]


def fits(counts: Counter[str], shares: dict[str, float]) -> bool:
    """Whether counts could come of shares, by the chi-square test."""
    total = sum(counts.values())
    assert set(counts) <= set(shares)
    observed, expected = zip(*((counts[key], total * share) for key, share in shares.items()), strict=True)
    return bool(stats.chisquare(observed, expected).pvalue > 0.001)


def operators(of: list[Choice]) -> Counter[str]:
    return Counter(choice.operator.name for choice in of)


# Operators that have a site in the architecture of these tests.
COUNT = len(operators(situation(None).options()))


def test_the_architecture_of_these_tests_has_something_to_choose() -> None:
    assert len(NETWORKS) >= 4
    assert COUNT >= 6


def test_random_draws_operators_uniformly_then_sites_uniformly() -> None:
    drawn = choices(RandomPolicy(), situation(None))
    names = {choice.operator.name for choice in situation(None).options()}
    assert fits(operators(drawn), dict.fromkeys(names, 1 / len(names)))
    for name in names:
        sites = [str(choice.site) for choice in situation(None).options() if choice.operator.name == name]
        own = Counter(str(choice.site) for choice in drawn if choice.operator.name == name)
        assert len(sites) == 1 or fits(own, dict.fromkeys(sites, 1 / len(sites)))


def relevances(table: dict[str, tuple[float, ...]]) -> Diagnosis:
    return Diagnosis(
        tuple(
            Finding(name, output, "relevance_weights", value)
            for name, values in table.items()
            for output, value in zip(OUTPUTS, values, strict=True)
        )
    )


def near(choice: Choice, network: str) -> bool:
    return network in choice.site.nodes


def reducing(of: Situation, network: str) -> set[str]:
    return {c.operator.name for c in of.options() if c.operator.name in REDUCING and near(c, network)}


def test_relevance_reduces_at_the_network_that_no_output_needs() -> None:
    useless, *others = NETWORKS
    table = {useless: (0.0, 0.0, 0.0)} | {
        # Every other one is among the most relevant of some output.
        name: tuple(0.9 if place % 3 == output else 0.1 + 0.1 * place for output in range(3))
        for place, name in enumerate(others)
    }
    drawn = choices(RelevancePolicy(), situation(relevances(table)), 200)
    assert set(operators(drawn)) <= set(REDUCING)
    assert all(near(choice, useless) for choice in drawn)


def test_relevance_draws_among_useless_networks_by_their_irrelevance() -> None:
    top = len(NETWORKS) - 1
    table = {name: (float(place),) * 3 for place, name in enumerate(NETWORKS)}
    useless = {name: 1 - place / top for place, name in enumerate(NETWORKS) if place / top <= 1 / 3}
    assert len(useless) > 1
    of = situation(relevances(table))
    drawn = [c for c in choices(RelevancePolicy(), of, 3000) if c.operator.name == "reinitialise_network"]
    # Each network is drawn by its irrelevance, and one of the reducing operators that it has a site for.
    shares = {name: weight / len(reducing(of, name)) for name, weight in useless.items()}
    total = sum(shares.values())
    assert fits(Counter(c.site.nodes[0] for c in drawn), {n: s / total for n, s in shares.items()})


def test_relevance_increases_near_the_most_relevant_where_none_is_useless() -> None:
    count = len(NETWORKS)
    shifts = [output * count // 3 for output in range(3)]
    # The order of relevance is turned on for each output, so that all are well placed for one of them.
    table = {
        name: tuple(float((place + shift) % count) for shift in shifts) for place, name in enumerate(NETWORKS)
    }
    leaders = [max(NETWORKS, key=lambda name: table[name][output]) for output in range(3)]
    drawn = choices(RelevancePolicy(), situation(relevances(table)), 300)
    assert set(operators(drawn)) <= set(INCREASING)
    assert all(any(near(choice, leader) for leader in leaders) for choice in drawn)
    assert all(any(near(choice, leader) for choice in drawn) for leader in leaders)


def test_relevance_without_a_diagnosis_is_random() -> None:
    assert choices(RelevancePolicy(), situation(None), 50) == choices(RandomPolicy(), situation(None), 50)


def guidelines(*when: Condition, operator: str = "clone_network", median: float = 0.2) -> Guidelines:
    aims = [f"skill:{kind}" for kind in ("classification", "regression", "generation")]
    expect = {aim: Interval(median, median, median) for aim in aims}
    evidence = Evidence(10, 5, ("planted",), 0.001, 0.001)
    return Guidelines(tuple(Guideline(operator, "do", aim, when, expect, evidence) for aim in aims))


@cache
def diagnosed_situation() -> Situation:
    return situation(diagnosed(ARCHITECTURE))


def test_guided_favours_what_is_recommended_and_keeps_a_floor_under_the_rest() -> None:
    drawn = operators(choices(GuidedPolicy(guidelines()), diagnosed_situation()))
    shares = dict.fromkeys(operators(situation(None).options()), FLOOR / COUNT)
    assert fits(drawn, shares | {"clone_network": 1 - FLOOR + FLOOR / COUNT})
    assert min(drawn[name] for name in shares) > 0


def test_guided_favours_the_sites_where_conditions_hold() -> None:
    condition, of = Condition("parameter_share", ">=", 0.25), diagnosed_situation()
    outcome = of.parent.outcome
    assert outcome.diagnosis is not None
    sites = [choice.site for choice in of.options() if choice.operator.name == "clone_network"]
    features = [site_features(ARCHITECTURE, outcome.diagnosis, outcome.scores, site) for site in sites]
    holds = {site: condition.holds(known) for site, known in zip(sites, features, strict=True)}
    assert 0 < sum(holds.values()) < len(holds)
    drawn = choices(GuidedPolicy(guidelines(condition)), of, 600)
    there = sum(holds.get(choice.site, False) and choice.operator.name == "clone_network" for choice in drawn)
    assert there / 600 > 1 - FLOOR - 0.05


def test_guided_avoids_what_is_expected_to_hurt() -> None:
    hurt = guidelines(median=-0.4)
    noisy = Guidelines(hurt.guidelines, spread=dict.fromkeys(hurt.guidelines[0].expect, 0.1))
    drawn = operators(choices(GuidedPolicy(noisy), diagnosed_situation()))
    others = (1 - FLOOR) / (COUNT - 1) + FLOOR / COUNT
    shares = dict.fromkeys(operators(situation(None).options()), others) | {"clone_network": FLOOR / COUNT}
    assert fits(drawn, shares)


@pytest.mark.parametrize("learnt", [Guidelines(()), guidelines(median=-0.4)])
def test_guided_is_random_where_nothing_is_gained_anywhere(learnt: Guidelines) -> None:
    drawn = operators(choices(GuidedPolicy(learnt), diagnosed_situation()))
    assert fits(drawn, dict.fromkeys(operators(situation(None).options()), 1 / COUNT))


@pytest.mark.parametrize(
    ("name", "culprit"), [("gided", "did you mean 'guided'"), ("", "the policies are random")]
)
def test_an_unknown_policy_is_refused(name: str, culprit: str) -> None:
    with pytest.raises(InputError, match=culprit):
        make_policy(name)

"""Guidelines deduced from planted records: what is true is found, and chance is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from tests.study.samples import record

from graftwork.errors import InputError
from graftwork.guidelines import Condition, Guideline, Guidelines, deduce
from graftwork.guidelines.deduction import find_hypotheses, halves
from graftwork.study import Record, Study

TRUTH = -0.4
SEEDS = 40
Effects = Callable[[np.random.Generator, dict[str, float], str], dict[str, float]]


def study(
    seed: int,
    effects: Effects,
    *,
    parents: int = 30,
    trials: int = 4,
    operators: tuple[str, ...] = ("a", "b"),
) -> Study:
    """Operators drawn by chance at sites drawn by chance; surely `a` grows a model and others shrink it."""
    rng = np.random.default_rng(seed)
    records: list[Record] = []
    for place in range(parents * trials):
        operator = operators[rng.integers(len(operators))]
        features = {
            "exclusive": float(rng.integers(2)),
            "reaches_generation": float(rng.integers(2)),
            "parameter_share": rng.uniform(),
        }
        growth = (0.5 if operator == "a" else -0.5) + 0.05 * rng.uniform()
        records.append(
            record(
                place // trials,
                effects(rng, features, operator),
                trial=place % trials,
                operator=operator,
                features=features,
                complexity={"parameters": growth},
            )
        )
    return Study({"seed": seed, "problems": ["planted"]}, tuple(records))


def noise(rng: np.random.Generator, features: dict[str, float], operator: str) -> dict[str, float]:
    return {"label": float(rng.normal()), "sample": float(rng.normal())}


def hurts_where_exclusive(
    rng: np.random.Generator, features: dict[str, float], operator: str
) -> dict[str, float]:
    there = operator == "a" and features["exclusive"] and features["reaches_generation"]
    return {"label": 0.1 * float(rng.normal()), "sample": TRUTH * bool(there) + 0.1 * float(rng.normal())}


@cache
def planted() -> Guidelines:
    return deduce([study(0, hurts_where_exclusive, parents=40, trials=8)], seed=0)


def of_sample() -> Guideline:
    (found,) = [
        g for g in planted().guidelines if g.aim == "skill:generation" and g.operator == "a" and g.when
    ]
    return found


def test_a_conditional_effect_is_found_with_its_conditions_and_its_size() -> None:
    found = of_sample()
    assert set(found.when) == {
        Condition("exclusive", ">=", 0.5),
        Condition("reaches_generation", ">=", 0.5),
    }
    assert found.verdict == "avoid"
    change = found.expect["skill:generation"]
    assert change.low <= TRUTH <= change.high
    assert change.high - change.low < 0.2
    assert found.because.q < 0.01


def test_what_is_certain_of_parameters_is_found() -> None:
    verdicts = {g.operator: g.verdict for g in planted().guidelines if g.aim == "parameters" and not g.when}
    assert verdicts == {"a": "avoid", "b": "do"}


def test_nothing_is_said_of_what_was_not_planted() -> None:
    said = {(g.operator, g.aim) for g in planted().guidelines if g.aim != "parameters"}
    assert said == {("a", "skill:generation")}


def test_from_noise_come_no_more_guidelines_than_the_rate_allows() -> None:
    fooled = sum(
        any(
            g.aim != "parameters"
            for g in deduce([study(seed, noise, trials=6, operators=tuple("abcd"))], seed=seed).guidelines
        )
        for seed in range(SEEDS)
    )
    # Where every hypothesis is false, the false discovery rate is the rate of studies with any guideline.
    assert stats.binomtest(fooled, SEEDS, 0.1, alternative="greater").pvalue > 0.01


def test_what_is_certain_of_parameters_lends_skill_no_certainty() -> None:
    whole = study(0, hurts_where_exclusive, parents=40, trials=8)
    unsized = replace(whole, records=tuple(replace(r, complexity={"parameters": 0.0}) for r in whole.records))
    (alone,) = [g for g in deduce([unsized], seed=0).guidelines if g.when == of_sample().when]
    assert alone.because == of_sample().because


parent_lists = st.lists(st.tuples(st.sampled_from(["p", "q"]), st.integers(0, 30)), min_size=1, max_size=60)


@given(parents=parent_lists, seed=st.integers(0, 99))
def test_halves_share_no_parent_and_leave_no_record_out(parents: list[tuple[str, int]], seed: int) -> None:
    records = [record(p, {"label": i}, problem=problem) for i, (problem, p) in enumerate(parents)]
    first, second = halves(records, seed)
    own = [{(r.problem, r.parent) for r in half} for half in (first, second)]
    assert not own[0] & own[1]
    assert sorted(r.effects["label"] for r in [*first, *second]) == list(range(len(records)))
    for problem in {problem for problem, _ in parents}:
        first_count, second_count = (sum(name == problem for name, _ in half) for half in own)
        assert first_count <= second_count <= first_count + 1


def test_expectations_are_of_the_half_that_took_no_part_in_the_search() -> None:
    whole = study(0, hurts_where_exclusive, parents=40, trials=8)
    searched, estimated = halves(whole.records, 0)
    flattered = [replace(r, effects={name: 5 * e for name, e in r.effects.items()}) for r in searched]
    again = deduce([replace(whole, records=(*flattered, *estimated))], seed=0)
    (found,) = [
        g for g in again.guidelines if (g.operator, g.aim, g.when) == ("a", of_sample().aim, of_sample().when)
    ]
    assert found == of_sample()
    assert found.because.parents <= 20


def test_the_search_never_sees_the_half_that_tests() -> None:
    whole = study(0, hurts_where_exclusive, parents=40, trials=8)
    searched, estimated = halves(whole.records, 0)
    silent = [replace(r, effects=dict.fromkeys(r.effects, 0.0)) for r in estimated]
    assert deduce([replace(whole, records=(*searched, *silent))], seed=0).tested == planted().tested
    assert len(find_hypotheses(searched)) == planted().tested
    assert {g.aim for g in deduce([replace(whole, records=(*searched, *silent))]).guidelines} == {
        "parameters"
    }


def test_the_same_seed_gives_the_same_guidelines() -> None:
    again = deduce([study(0, hurts_where_exclusive, parents=40, trials=8)], seed=0)
    assert again == planted()
    assert again.digest == planted().digest


def test_json_comes_back_whole() -> None:
    assert Guidelines.from_json(planted().to_json()) == planted()


def test_english_names_operator_output_and_figures() -> None:
    guideline = replace(of_sample(), operator="clone_network")
    change, text = guideline.expect["skill:generation"], guideline.sentence()
    for part in (
        "avoid clone network",
        "generation",
        "one output alone",
        f"{change.median:+.3f}",
        f"[{change.low:+.3f}, {change.high:+.3f}]",
        f"{guideline.because.records} records",
        f"{guideline.because.parents} parents",
        "planted",
    ):
        assert part in text


def test_of_several_studies_parents_drawn_apart_are_parents_apart() -> None:
    first, other = (study(seed, hurts_where_exclusive, parents=12, trials=8) for seed in (1, 2))
    same_draw = replace(other, design=first.design)
    apart, alike = deduce([first, other], seed=0), deduce([first, same_draw], seed=0)
    assert {g.because.parents for g in apart.guidelines if g.aim == "parameters" and not g.when} == {12}
    assert {g.because.parents for g in alike.guidelines if g.aim == "parameters" and not g.when} == {6}


def test_a_study_given_twice_is_refused() -> None:
    once = study(1, noise, parents=4)
    with pytest.raises(InputError, match="study 2 came before"):
        deduce([once, study(1, noise, parents=4)])


@pytest.mark.parametrize("alpha", [0.0, 1.0, float("nan")])
def test_a_rate_that_is_none_is_refused(alpha: float) -> None:
    with pytest.raises(InputError, match="alpha"):
        deduce([study(1, noise, parents=4)], alpha=alpha)


def test_a_study_in_which_no_operator_came_to_its_end_is_refused() -> None:
    control = record(0, {"sample": 0.1}, operator="continue")
    failed = record(1, {}, status="child failed, control done")
    for records in ((), (control,), (control, failed)):
        with pytest.raises(InputError, match="no finished records"):
            deduce([Study({}, records)])


def test_records_that_failed_change_no_guideline() -> None:
    whole = study(0, hurts_where_exclusive, parents=40, trials=8)
    failed = [record(p, {}, trial=9, operator="a", status="child failed, control done") for p in range(40)]
    assert deduce([replace(whole, records=(*whole.records, *failed))], seed=0) == planted()


def test_the_halves_are_those_of_the_studys_own_seed_unless_told() -> None:
    of = study(7, noise)
    others = {deduce([of], alpha=0.9, seed=seed).to_json() for seed in range(4)}
    assert len(others) > 1
    assert deduce([of], alpha=0.9) == deduce([of], alpha=0.9, seed=7)
    assert deduce([of], alpha=0.9).to_json() not in others

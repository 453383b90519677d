"""The contract holds for what is built in, and each planted fault is found under the right property."""

from __future__ import annotations

import pickle

import pytest
from tests.testing import planted

from graftwork.architecture import Architecture, SearchSpace, from_json
from graftwork.errors import InputError
from graftwork.testing import ContractBroken, check_operator, check_operators, with_donor
from graftwork.testing._judge import PROPERTIES
from graftwork.variation import OPERATORS, Operator

# Every space with every problem at least.
PARENTS = 15
FAULTS = [
    (planted.FalsePromise, "preserved function"),
    (planted.Mutating, "parent unchanged"),
    (planted.Doubling, "no duplicate connections"),
    (planted.Orphaning, "nothing lost or orphaned"),
    (planted.Oversized, "viable"),
    (planted.Unseeded, "deterministic"),
    (planted.Repeating, "sites are of the architecture"),
    (planted.Inventing, "sites are of the architecture"),
    (planted.Accepting, "foreign site refused"),
    (planted.Failing, "raises nothing"),
    (planted.FailingSites, "raises nothing"),
    (planted.WrongShape, "plan complete"),
    (planted.IncompletePlan, "plan complete"),
    (planted.Lying, "kept weights"),
    (planted.Idle, "something changes"),
    (planted.Silent, "refusal says why"),
    (planted.Nameless, "refusal says why"),
    (planted.Unlimited, "limits"),
    (planted.Misnamed, "says what was done"),
    (planted.NarrowlyTrained, "affected set"),
    (planted.FarAway, "unaffected weights"),
    (planted.Unreadable, "JSON round trip"),
    (planted.Rehashing, "canonical hash"),
    (planted.Chancy, "inherits alike"),
    (planted.Exploding, "trains"),
    (planted.Stealing, "kept weights"),
]
# What cannot but break besides: the rules of viability forbid it too, or it follows from the fault.
BESIDES = {
    planted.Doubling: {"viable"},
    planted.Orphaning: {"viable"},
    planted.Mutating: {"deterministic"},
    planted.Unseeded: {"limits"},
    planted.Oversized: {"limits"},
    planted.Rehashing: {"JSON round trip"},
}


def broken_by(operator: Operator, **options: object) -> ContractBroken:
    with pytest.raises(ContractBroken) as caught:
        check_operator(operator, **{"parents": PARENTS, "chain": 4, **options})  # type: ignore[arg-type]
    return caught.value


@pytest.mark.parametrize("name", OPERATORS)
def test_every_built_in_operator_keeps_the_contract(name: str) -> None:
    report = check_operator(OPERATORS[name], parents=PARENTS, chain=4)
    assert report.operator == name
    assert report.applied > 0
    assert set(report.tried) <= set(PROPERTIES)
    assert report.tried["raises nothing"] == report.applied + report.refused
    assert report.tried["viable"] == report.tried["plan complete"] == report.applied


def test_an_operator_of_ones_own_that_is_sound_passes() -> None:
    assert check_operator(planted.Sound(), parents=PARENTS, chain=4).applied > 0


@pytest.mark.parametrize(("operator", "name"), FAULTS)
def test_a_fault_is_found_under_its_property_and_no_other(operator: type[Operator], name: str) -> None:
    error = broken_by(operator())
    found = {case.property for case in error.cases}
    assert name in found
    assert found <= {name} | BESIDES.get(operator, set())


def test_a_network_that_never_gets_a_gradient_is_found() -> None:
    error = broken_by(planted.Blinding(), parents=60, spaces=[SearchSpace.modern(widths=(1, 60))])
    assert "trains" in {case.property for case in error.cases}
    assert "gets no gradient" in str(error)


def test_small_losses_that_add_up_are_found() -> None:
    error = broken_by(planted.Drifting(), chain=12)
    assert {case.property for case in error.cases} == {"preserved in a row"}


def test_the_message_names_operator_property_seed_and_site() -> None:
    error = broken_by(planted.FalsePromise(), seed=3)
    case = error.cases[0]
    for part in ("planted", "preserved function", "seed 3", case.site, str(case.seed), case.detail):
        assert part in str(error)
    assert isinstance(error, AssertionError)
    assert case.site in {str(site) for site in planted.Sound().sites(from_json(case.architecture))}


def test_the_error_comes_back_whole_from_another_process() -> None:
    error = broken_by(planted.Silent())
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.cases) == (str(error), error.cases)


def test_what_is_never_applied_does_not_pass() -> None:
    error = broken_by(planted.Unlimited(), spaces=[SearchSpace.modern(max_networks=1)], parents=1, chain=1)
    assert "planted" in str(error)


class Nameless(planted.Sound):
    name = ""


class Aimless(planted.Sound):
    tendency = "growing"  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("operator", "fault"),
    [(Nameless, "name must be a text"), (Aimless, "tendency must be one")],
)
def test_what_an_operator_must_say_of_itself_is_asked_for(operator: type[Operator], fault: str) -> None:
    assert fault in str(broken_by(operator()))


def test_an_operator_that_grafts_gets_donors() -> None:
    report = check_operator(planted.Borrowing(), parents=PARENTS, chain=1)
    assert report.applied > 0

    donor = Architecture((), (), (), ())
    assert with_donor(planted.Borrowing(), donor).donor is donor
    assert with_donor(OPERATORS["clone_network"], donor).donor is None


def test_a_parent_that_is_not_viable_is_counted_and_not_varied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "graftwork.testing.chains.random_architecture", lambda *_, **__: Architecture((), (), (), ())
    )
    counts = check_operators([OPERATORS["continue"]], 2, 2, 0)
    assert counts.broken == {("random_architecture", "viable"): 4}
    assert not counts.applied
    with pytest.raises(ContractBroken, match="random_architecture"):
        check_operator(OPERATORS["continue"], parents=1)


def test_counts_depend_on_the_seed_and_not_on_the_number_of_workers() -> None:
    chosen = list(OPERATORS.values())
    one, two = (check_operators(chosen, 9, 3, 5, workers=workers) for workers in (1, 2))
    assert one == two
    assert one.applied.total() + one.refused.total() == 9 * 3
    assert one != check_operators(chosen, 9, 3, 6)


@pytest.mark.parametrize("options", [{"parents": 0}, {"chain": 0}, {"spaces": []}])
def test_what_makes_no_sense_is_refused(options: dict[str, object]) -> None:
    with pytest.raises(InputError):
        check_operator(OPERATORS["clone_network"], **options)  # type: ignore[arg-type]

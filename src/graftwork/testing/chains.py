"""Random parents, and chains of operators that start from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from graftwork.architecture import SearchSpace, random_architecture, violations
from graftwork.runtime import generator, integer_seed
from graftwork.testing._attempt import Attempt
from graftwork.testing._judge import ANSWERS, Judge
from graftwork.testing._subject import Subject, rough_subject
from graftwork.testing.counts import Case, Counts, Tally
from graftwork.testing.donors import with_donor
from graftwork.testing.problems import PROBLEMS, random_rows
from graftwork.variation import OPERATORS, Operator, Site, Variation

SPACES = (
    SearchSpace.paper(),
    SearchSpace.modern(),
    SearchSpace.modern(name="modern with convolutions", convolutions=(False, True)),
)
_FARTHEST = 3


@dataclass(frozen=True)
class Plan:
    """What is checked, and how.

    Attributes:
        operators: Held to the contract.
        chain: Steps from each parent.
        seed: Root of every draw.
        spaces: Parents are drawn from them in turn.
    """

    operators: Sequence[Operator]
    chain: int
    seed: int
    spaces: Sequence[SearchSpace] = SPACES


def run_parents(plan: Plan, numbers: Iterable[int]) -> Counts:
    """The chains of these parents; they depend on nothing but the plan and the number."""
    tally = Tally()
    for number in numbers:
        parent = _parent(plan, number, "parent")
        if broken := violations(parent.architecture, _space(plan, number)):
            tally.take("random_architecture", "viable", _not_viable(plan, number, parent, broken))
        else:
            _Chain(plan, number, parent, tally).run()
    return tally.total()


class _Chain:
    """Operators applied one after the other, those under test and those that are built in."""

    def __init__(self, plan: Plan, number: int, parent: Subject, tally: Tally) -> None:
        self._plan, self._number, self._tally = plan, number, tally
        self._rng = generator(plan.seed, number, "contract")
        self._space = _space(plan, number)
        self._donor = _parent(plan, number, "donor")
        self._tested = {operator.name for operator in plan.operators}
        self._earlier: list[Subject] = [parent]

    def run(self) -> None:
        """Every step, or those up to the first that breaks something: what came after it would be noise."""
        for step in range(self._plan.chain):
            attempt = self._attempt(step)
            if attempt is None:
                return
            if attempt.operator.name not in self._tested:
                self._go_on(_unjudged(attempt))
                continue
            judge = Judge(attempt, self._tally, parent=self._number, step=step)
            self._go_on(judge.judge())
            if not judge.sound:
                return

    def _attempt(self, step: int) -> Attempt | None:
        """An operator and one of its sites, drawn uniformly; the first step is one of those under test."""
        for operator in _shuffled(self._pool(step), self._rng):
            ready = with_donor(operator, self._donor.architecture)
            if sites := self._sites(ready, step):
                return Attempt(
                    operator=ready,
                    sites=sites,
                    site=sites[int(self._rng.integers(len(sites)))],
                    seed=int(self._rng.integers(2**31)),
                    space=self._space,
                    parent=self._earlier[0],
                    donor=self._donor,
                    earlier=self._earlier,
                    rng=self._rng,
                )
        return None

    def _sites(self, operator: Operator, step: int) -> list[Site]:
        architecture = self._earlier[0].architecture
        try:
            return operator.sites(architecture)
        except Exception as error:
            detail, where = f"sites: {type(error).__name__}: {error}", (self._number, step, self._space.name)
            case = Case(*where, operator.name, "no site", 0, ANSWERS, detail, architecture.to_json())
            self._tally.take(operator.name, ANSWERS, case)
            return []

    def _pool(self, step: int) -> list[Operator]:
        mixed = step > 0 and self._rng.random() < 0.5
        return list(OPERATORS.values() if mixed else self._plan.operators)

    def _go_on(self, done: tuple[Variation, Subject] | None) -> None:
        if done is not None:
            variation, child = done
            self._earlier = [child, *(self._earlier if variation.preserves else ())][:_FARTHEST]


def _unjudged(attempt: Attempt) -> tuple[Variation, Subject] | None:
    answer = attempt.apply()
    if isinstance(answer, Variation):
        return answer, Subject(attempt.inherit(answer), attempt.parent.rows)
    return None


def _shuffled(operators: Sequence[Operator], rng: np.random.Generator) -> list[Operator]:
    return [operators[index] for index in rng.permutation(len(operators))]


def _space(plan: Plan, number: int) -> SearchSpace:
    return plan.spaces[number % len(plan.spaces)]


def _parent(plan: Plan, number: int, purpose: str) -> Subject:
    problem = PROBLEMS[number // len(plan.spaces) % len(PROBLEMS)]
    seed = integer_seed(plan.seed, number, purpose)
    architecture = random_architecture(problem, _space(plan, number), seed=seed)
    return rough_subject(architecture, random_rows(architecture, integer_seed(plan.seed, number, "rows")))


def _not_viable(plan: Plan, number: int, parent: Subject, broken: list[str]) -> Case:
    name, space = "random_architecture", _space(plan, number).name
    detail, seed = "; ".join(broken[:3]), integer_seed(plan.seed, number, "parent")
    return Case(
        number, 0, space, name, "the whole model", seed, "viable", detail, parent.architecture.to_json()
    )

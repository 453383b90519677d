"""Random parents, and chains of operators that start from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from graftwork.architecture import Architecture, SearchSpace, random_architecture, violations
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
        broken = [_not_viable(plan, number, purpose, tally) for purpose in ("parent", "donor")]
        if not any(broken):
            _Chain(plan, number, tally).run()
    return tally.total()


class _Chain:
    """Operators applied one after the other, those under test and those that are built in."""

    def __init__(self, plan: Plan, number: int, tally: Tally) -> None:
        self._plan, self._number, self._tally = plan, number, tally
        self._rng = generator(plan.seed, number, "contract")
        self._space = _space(plan, number)
        self._donor = _subject(plan, number, "donor")
        self._tested = {operator.name for operator in plan.operators}
        self._earlier = [_subject(plan, number, "parent")]

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
        """An operator and one of its sites, drawn uniformly; first one under test, if it has a site."""
        for operator in self._candidates(step):
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

    def _candidates(self, step: int) -> list[Operator]:
        """In the order in which they are asked for sites; one that has none may have some later."""
        mixed = step > 0 and self._rng.random() < 0.5
        built_in = _shuffled(list(OPERATORS.values()), self._rng)
        return built_in if mixed else [*_shuffled(self._plan.operators, self._rng), *built_in]

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


def _drawn(plan: Plan, number: int, purpose: str) -> Architecture:
    problem = PROBLEMS[number // len(plan.spaces) % len(PROBLEMS)]
    seed = integer_seed(plan.seed, number, purpose)
    return random_architecture(problem, _roomy(_space(plan, number)), seed=seed)


def _roomy(space: SearchSpace) -> SearchSpace:
    """The narrower half of a space: parents drawn from it have room to grow and to be merged."""
    widths, channels = ((low, max(low, (low + high) // 2)) for low, high in (space.widths, space.channels))
    return replace(space, widths=widths, channels=channels)


def _subject(plan: Plan, number: int, purpose: str) -> Subject:
    architecture = _drawn(plan, number, purpose)
    return rough_subject(architecture, random_rows(architecture, integer_seed(plan.seed, number, "rows")))


def _not_viable(plan: Plan, number: int, purpose: str, tally: Tally) -> bool:
    """Whether what is drawn to start from breaks rules; it is counted, since then nothing can be checked."""
    drawn, space, name = _drawn(plan, number, purpose), _space(plan, number), "random_architecture"
    broken = violations(drawn, space)
    if broken:
        seed, detail = integer_seed(plan.seed, number, purpose), "; ".join(broken[:3])
        case = Case(number, 0, space.name, name, f"the {purpose}", seed, "viable", detail, drawn.to_json())
        tally.take(name, "viable", case)
    return bool(broken)

"""Ask and tell: what to try next, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graftwork.architecture import canonical_hash
from graftwork.documents import from_others
from graftwork.errors import InputError
from graftwork.problem import Problem
from graftwork.runtime import generator, integer_seed
from graftwork.search.algorithms import ALGORITHMS
from graftwork.search.archive import Archive, Candidate, Member
from graftwork.search.policies import Policy, Situation
from graftwork.search.settings import SearchSettings
from graftwork.training import check_balancer
from graftwork.trial import Application, Parent, Result, Trial
from graftwork.variation import OPERATORS, Refusal

_TRIES = 30


@dataclass(frozen=True)
class Proposal:
    """One candidate to evaluate.

    Attributes:
        number: Its place in the run, from 0.
        trial: What to do.
        parent: Number of its parent; none for a random architecture.
        founder: Number of the random architecture that it descends from; none where it is one.
        digest: Canonical hash of its architecture; none where that is not known yet.
        state: What the algorithm remembers after it.
    """

    number: int
    trial: Trial
    parent: int | None = None
    founder: int | None = None
    digest: str | None = None
    state: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Standpoint:
    """Where a run stood, to go on from.

    Attributes:
        members: Of the front, by number.
        told: Candidates that were told of.
        asked: Candidates that were asked for.
        steps: Training steps spent on those that were told of.
        state: What the algorithm remembered after the last that was asked for.
        known: Whether an architecture of a canonical hash was proposed before.
    """

    members: tuple[Member, ...]
    told: int
    asked: int
    steps: int
    state: Mapping[str, Any]
    known: Callable[[str], bool]


class Searcher:
    """Proposes candidates and learns from their outcomes.

    What is proposed depends on the seed, the numbers of the candidates and what was told before: never on
    who did the work, or when. What was proposed is not proposed again, also while nothing was told of it;
    where many tries find nothing new, a random architecture comes instead.

    Args:
        problem: What is to be answered.
        policy: Picks operator and site.
        settings: How the search is done.
        seed: Root of every random draw.

    Example:
        >>> import graftwork as gw
        >>> from graftwork.search import RandomPolicy, Searcher, SearchSettings
        >>> problem = gw.load_problem("digits")
        >>> searcher = Searcher(problem, RandomPolicy(), SearchSettings(initial=1, initial_steps=20), seed=0)
        >>> proposal = searcher.ask()
        >>> candidate = searcher.tell(proposal, gw.run_trial(proposal.trial))
        >>> len(searcher.archive.front)
        1
    """

    def __init__(self, problem: Problem, policy: Policy, settings: SearchSettings, *, seed: int) -> None:
        check_balancer(settings.options.balancer, problem.outputs)
        self.problem, self.policy, self.settings, self.seed = problem, policy, settings, seed
        self.algorithm = ALGORITHMS[settings.algorithm]()
        self.archive = Archive(settings.space)
        self.asked = 0
        integer_seed(seed, 0, "search")  # refuses what is no seed before anything is written
        self._proposed: set[str] = set()
        self._known: Callable[[str], bool] = lambda digest: False

    def ask(self) -> Proposal:
        """The next candidate to evaluate."""
        number = self.asked
        self.asked += 1
        parent = None
        if number >= self.settings.initial:
            parent = self.algorithm.parent(self.archive, generator(self.seed, number, "parent"))
        if parent and parent.architecture.output_names != self.problem.outputs.keys():
            raise InputError(f"candidate {parent.number} of the run answers another problem")
        varied = self._vary(number, parent) if parent else None
        return varied or Proposal(number, self._random(number), state=self.algorithm.state())

    def tell(self, proposal: Proposal, result: Result) -> Candidate:
        """Take a result in."""
        candidate = Candidate(
            number=proposal.number,
            outcome=result.outcome,
            parent=proposal.parent,
            application=proposal.trial.application,
            weights=result.weights,
            founder=proposal.founder,
        )
        self.archive.add(candidate)
        return candidate

    def restore(self, standpoint: Standpoint) -> None:
        """Go on from where a run stood, as if this one had come there.

        Raises:
            InputError: Its front is of another problem, or what the algorithm remembered is nothing of it.
        """
        for member in standpoint.members:
            if len(member.point) != len(self.problem.outputs) + 1:
                raise InputError(
                    f"candidate {member.number} of the run has {len(member.point)} objectives, but the "
                    f"problem has {len(self.problem.outputs) + 1}"
                )
        self.archive.restore(standpoint.members, count=standpoint.told, steps=standpoint.steps)
        with from_others("what the algorithm of the run remembered"):
            self.algorithm.restore(standpoint.state)
        self.asked, self._known = standpoint.asked, standpoint.known

    def _random(self, number: int) -> Trial:
        return Trial(
            problem=self.problem,
            space=self.settings.space,
            root=self.seed,
            candidate=f"{number}",
            steps=self.settings.initial_steps,
            diagnose=self.policy.needs_diagnosis,
            options=self.settings.options,
        )

    def _vary(self, number: int, parent: Candidate) -> Proposal | None:
        """A child that was not evaluated before; none where many tries gave none."""
        situation = Situation(parent, self.archive, OPERATORS.chosen(self.settings.operators))
        rng = generator(self.seed, number, "policy")
        for attempt in range(_TRIES):
            applied = self._apply(situation, rng, number, attempt)
            if applied:
                application, digest = applied
                return Proposal(
                    number=number,
                    trial=self._child(number, parent, application),
                    parent=parent.number,
                    founder=parent.family,
                    digest=digest,
                    state=self.algorithm.state(),
                )
        return None

    def _apply(
        self, situation: Situation, rng: np.random.Generator, number: int, attempt: int
    ) -> tuple[Application, str] | None:
        choice = self.policy.choose(situation, rng)
        seed = integer_seed(self.seed, f"{number}/{attempt}", "application")
        parent = situation.parent.architecture
        variation = choice.operator.apply(parent, choice.site, seed=seed, space=self.settings.space)
        if isinstance(variation, Refusal):
            return None
        digest = canonical_hash(variation.architecture)
        if digest in self._proposed or digest in self.archive.hashes or self._known(digest):
            return None
        self._proposed.add(digest)
        return Application(choice.operator.name, choice.site, seed), digest

    def _child(self, number: int, parent: Candidate, application: Application) -> Trial:
        return Trial(
            problem=self.problem,
            space=self.settings.space,
            root=self.seed,
            candidate=f"{number}",
            steps=self.settings.steps,
            parent=Parent(parent.architecture, parent.weights, parent.outcome.scores),
            application=application,
            diagnose=self.policy.needs_diagnosis,
            options=self.settings.options,
        )

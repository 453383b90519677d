"""Candidates with planted scores, and a small search."""

from __future__ import annotations

from collections.abc import Mapping

from tests.variation.samples import small_architecture, small_problem

from graftwork.architecture import Architecture, SearchSpace
from graftwork.diagnosis import Diagnosis, diagnose
from graftwork.evaluation import Complexity
from graftwork.model import build
from graftwork.problem import Score
from graftwork.search import Candidate, SearchSettings
from graftwork.training import TrainingOptions
from graftwork.trial import Outcome

# Parameters of 1,000 lie in the middle of its logarithmic scale.
SPACE = SearchSpace.modern(min_parameters=10, max_parameters=100_000)
QUICK = SearchSettings(
    initial=2, initial_steps=8, steps=4, finish_steps=8, options=TrainingOptions(check_every=4)
)
KINDS = {"digit": "classification", "type": "regression", "image": "generation"}


def score(kind: str, skill: float) -> Score:
    return Score(kind, "error", 1 - skill, skill, "error", 1 - skill, skill, {})


def candidate(
    number: int,
    skills: Mapping[str, float],
    *,
    parameters: int = 1000,
    architecture: Architecture | None = None,
    diagnosis: Diagnosis | None = None,
    status: str = "done",
) -> Candidate:
    """A candidate of planted skills; its architecture is one for each number unless told."""
    outcome = Outcome(
        status=status,  # type: ignore[arg-type]
        reason="planted",
        architecture=architecture or small_architecture(number),
        scores={name: score(KINDS[name], skill) for name, skill in skills.items()},
        complexity=Complexity(parameters, parameters, 1, 1, 1, 1),
        diagnosis=diagnosis,
        steps=10,
    )
    return Candidate(number, outcome, weights=b"weights")


def diagnosed(architecture: Architecture) -> Diagnosis:
    """The diagnosis of an untrained model."""
    return diagnose(build(architecture, seed=0), small_problem())

"""The one model that a search ends with; the test split scores it once and decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from torch import Tensor

from graftwork.architecture import Architecture
from graftwork.diagnosis import Diagnosis, diagnose
from graftwork.errors import InputError
from graftwork.evaluation import Complexity, complexity, evaluate
from graftwork.model import HeterogeneousModel, with_weights
from graftwork.problem import Problem, Score
from graftwork.runtime import Budget, integer_seed
from graftwork.search.archive import Candidate
from graftwork.search.settings import SearchSettings
from graftwork.store import load_tensors
from graftwork.training import train

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_NEAR = 0.01


@dataclass(frozen=True)
class Best:
    """The model that a search ends with.

    Attributes:
        number: Number of the candidate that it was.
        model: Trained to the end; a plain `torch.nn.Module`.
        scores: By split (`validation`, `test`), of every output.
        complexity: Of its architecture.
        diagnosis: How good each of its parts is for each output.
        steps: Steps of its last training.
    """

    number: int
    model: HeterogeneousModel
    scores: Mapping[str, Mapping[str, Score]]
    complexity: Complexity
    diagnosis: Diagnosis
    steps: int

    @property
    def architecture(self) -> Architecture:
        """Its architecture."""
        return self.model.architecture


def choose_best(front: Sequence[Candidate]) -> Candidate:
    """The smallest candidate whose skill, the geometric mean over outputs, is within 0.01 of the best."""
    skills = [_mean_skill(candidate) for candidate in front]
    near = [c for c, skill in zip(front, skills, strict=True) if skill >= max(skills) - _NEAR]
    return min(near, key=lambda candidate: (_parameters(candidate), candidate.number))


def finish(candidate: Candidate, problem: Problem, settings: SearchSettings, *, seed: int) -> Best:
    """Train a candidate as a whole until it converges, then score it, the test split once."""
    model = with_weights(candidate.architecture, load_tensors(candidate.weights))
    trained = train(
        model,
        problem,
        budget=Budget(steps=settings.finish_steps),
        seed=integer_seed(seed, "best", "training"),
        options=settings.options,
    )
    judging = integer_seed(seed, 0, "judging")
    scores = {
        split: evaluate(trained.model, problem, split=split, seed=judging) for split in ("validation", "test")
    }
    return Best(
        number=candidate.number,
        model=trained.model,
        scores=scores,
        complexity=complexity(candidate.architecture),
        diagnosis=diagnose(trained.model, problem, seed=judging),
        steps=trained.steps,
    )


def _mean_skill(candidate: Candidate) -> float:
    skills = [score.decision_skill for score in candidate.outcome.scores.values()]
    return float(np.exp(np.mean(np.log(np.clip(skills, 1e-3, 1.0)))))


def _parameters(candidate: Candidate) -> int:
    assert candidate.outcome.complexity is not None
    return candidate.outcome.complexity.parameters


def best_to_payload(best: Best) -> dict[str, Any]:
    """All but the weights, as JSON values."""
    scores = {split: dict(of) for split, of in best.scores.items()}
    kept = _Kept(best.number, best.architecture, scores, best.diagnosis, best.steps)
    payload: dict[str, Any] = _adapter().dump_python(kept, mode="json")
    return payload


def best_from_payload(payload: Mapping[str, Any], weights: Mapping[str, Tensor]) -> Best:
    """The best that was kept; `InputError` where it is damaged."""
    from pydantic import ValidationError

    try:
        kept = _adapter().validate_python(payload)
    except ValidationError as error:
        raise InputError(f"the kept best model is damaged: {error}") from error
    model = with_weights(kept.architecture, weights)
    return Best(kept.number, model, kept.scores, complexity(kept.architecture), kept.diagnosis, kept.steps)


@dataclass(frozen=True)
class _Kept:
    number: int
    architecture: Architecture
    scores: dict[str, dict[str, Score]]
    diagnosis: Diagnosis
    steps: int


@cache
def _adapter() -> TypeAdapter[_Kept]:
    from pydantic import TypeAdapter

    return TypeAdapter(_Kept)

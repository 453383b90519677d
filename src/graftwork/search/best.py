"""The one model that a search ends with; the test split scores it once and decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from torch import Tensor

from graftwork.architecture import Architecture, parameter_count, require_viable
from graftwork.diagnosis import Diagnosis, diagnose
from graftwork.documents import faults
from graftwork.errors import InputError
from graftwork.evaluation import Complexity, complexity, evaluate
from graftwork.model import HeterogeneousModel, with_weights
from graftwork.problem import Problem, Score
from graftwork.runtime import Executor, integer_seed
from graftwork.search.archive import Archive, Candidate
from graftwork.search.last_training import mean_skill, train_to_the_end
from graftwork.search.settings import SearchSettings
from graftwork.store import load_tensors, save_tensors

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


def finalists(archive: Archive, count: int) -> list[Candidate]:
    """Candidates of the front of greatest skill (the geometric mean over outputs), best first.

    No two descend from one random architecture before each of these has one: what the last training brings
    differs more between families than within.
    """
    ranked = sorted(archive.front, key=lambda each: (-mean_skill(each.outcome.scores), each.number))
    families = [_founder(archive, candidate) for candidate in ranked]
    first = [each for i, each in enumerate(ranked) if families[i] not in families[:i]]
    return [*first, *(each for each in ranked if each not in first)][:count]


def _founder(archive: Archive, candidate: Candidate) -> int:
    number = candidate.number
    while (parent := archive.candidates[number].parent) is not None:
        number = parent
    return number


def finish(
    candidates: Sequence[Candidate],
    problem: Problem,
    settings: SearchSettings,
    *,
    seed: int,
    executor: Executor,
) -> Best:
    """Train each finalist as a whole until it converges; score the best on the test split, once.

    The best is the smallest of those whose skill on validation rows, the geometric mean over outputs, is
    within 0.01 of the greatest.
    """
    futures = [executor.submit(_train_whole, each, problem, settings, seed) for each in candidates]
    finals = [future.result() for future in futures]
    chosen = _smallest_of_the_best(finals)
    # By a worker too: sums on the threads of the driver round otherwise.
    test, diagnosis = executor.submit(_judge, chosen, problem, seed).result()
    return Best(
        number=chosen.number,
        model=chosen.model(),
        scores={"validation": chosen.scores, "test": test},
        complexity=complexity(chosen.architecture),
        diagnosis=diagnosis,
        steps=chosen.steps,
    )


@dataclass(frozen=True)
class _Final:
    number: int
    architecture: Architecture
    weights: bytes
    scores: dict[str, Score]
    steps: int

    def model(self) -> HeterogeneousModel:
        return with_weights(self.architecture, load_tensors(self.weights))


def _judge(final: _Final, problem: Problem, seed: int) -> tuple[dict[str, Score], Diagnosis]:
    model, judging = final.model(), integer_seed(seed, 0, "judging")
    return evaluate(model, problem, split="test", seed=judging), diagnose(model, problem, seed=judging)


def _train_whole(candidate: Candidate, problem: Problem, settings: SearchSettings, seed: int) -> _Final:
    judging = integer_seed(seed, 0, "judging")
    model = with_weights(candidate.architecture, load_tensors(candidate.weights))
    training = integer_seed(seed, "best", "training")
    trained = train_to_the_end(model, problem, settings, seed=training, judging=judging)
    return _Final(
        number=candidate.number,
        architecture=candidate.architecture,
        weights=save_tensors(trained.model.state_dict()),
        scores=evaluate(trained.model, problem, seed=judging),
        steps=trained.steps,
    )


def _smallest_of_the_best(finals: Sequence[_Final]) -> _Final:
    skills = [mean_skill(final.scores) for final in finals]
    near = [f for f, skill in zip(finals, skills, strict=True) if skill >= max(skills) - _NEAR]
    return min(near, key=lambda final: (parameter_count(final.architecture), final.number))


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
        raise InputError(f"the kept best model is damaged: {faults(error)}") from None
    require_viable(kept.architecture)
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

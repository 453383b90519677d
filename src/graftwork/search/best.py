"""The one model that a search ends with; the test split scores it once and decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING

from torch import Tensor

from graftwork.architecture import Architecture, canonical_hash, parameter_count, require_viable
from graftwork.diagnosis import Diagnosis, Finding, diagnose
from graftwork.documents import faults
from graftwork.errors import InputError, RunError
from graftwork.evaluation import Complexity, complexity, evaluate
from graftwork.model import HeterogeneousModel, with_weights
from graftwork.problem import Problem, Score
from graftwork.runtime import Executor, Limits, integer_seed, limited
from graftwork.search.archive import Archive, Candidate
from graftwork.search.last_training import Failed, came_of, last_limits, mean_skill, train_to_the_end
from graftwork.search.settings import SearchSettings
from graftwork.store import Details, Entry, Figure, Store, load_tensors, save_tensors
from graftwork.trial import evaluations, scores

if TYPE_CHECKING:
    from pydantic import TypeAdapter

BEST = "best"
_NEAR = 0.01
_Judged = tuple[dict[str, Score], Diagnosis]
_HINT = "the same command goes on from here, under other limits where these were the reason"


@dataclass(frozen=True)
class Best:
    """The model that a search ends with.

    Attributes:
        number: Number of the candidate that it was.
        model: Trained to the end; a plain `torch.nn.Module`.
        scores: By split (`validation`, `test`), of every output; on test rows by all metrics.
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
    families = [candidate.family for candidate in ranked]
    first = [each for i, each in enumerate(ranked) if families[i] not in families[:i]]
    return [*first, *(each for each in ranked if each not in first)][:count]


def finish(
    candidates: Sequence[Candidate],
    problem: Problem,
    settings: SearchSettings,
    *,
    seed: int,
    executor: Executor,
    limits: Limits | None = None,
) -> Best:
    """Train each finalist as a whole until it converges; score the best on the test split, once.

    The best is the smallest of those whose skill on validation rows, the geometric mean over outputs, is
    within 0.01 of the greatest. A finalist that fails, or whose worker is lost, is passed over.

    Raises:
        RunError: All of them were, or the best cannot be judged.
    """
    longer = limits and last_limits(limits, settings)
    train = limited(_train_whole, longer)
    futures = [executor.submit(train, each, problem, settings, seed) for each in candidates]
    finals = _those_that_came(futures)
    chosen = _smallest_of_the_best(finals)
    # By a worker too: sums on the threads of the driver round otherwise.
    test, diagnosis = _judged(executor.submit(limited(_judge, longer), chosen, problem, seed))
    return Best(
        number=chosen.number,
        model=chosen.model(),
        scores={"validation": chosen.scores, "test": test},
        complexity=complexity(chosen.architecture),
        diagnosis=diagnosis,
        steps=chosen.steps,
    )


def _those_that_came(futures: Sequence[Future[_Final]]) -> list[_Final]:
    came = [*map(came_of, futures)]
    finals = [each for each in came if not isinstance(each, Failed)]
    if not finals:
        lost = sorted({each.reason for each in came if isinstance(each, Failed)})
        raise RunError(f"no finalist could be trained to the end: {'; '.join(lost)}; {_HINT}")
    return finals


def _judged(future: Future[_Judged]) -> _Judged:
    judged = came_of(future)
    if isinstance(judged, Failed):
        raise RunError(f"the best model could not be judged: {judged.reason}; {_HINT}")
    return judged


@dataclass(frozen=True)
class _Final:
    number: int
    architecture: Architecture
    weights: bytes
    scores: dict[str, Score]
    steps: int

    def model(self) -> HeterogeneousModel:
        return with_weights(self.architecture, load_tensors(self.weights))


def _judge(final: _Final, problem: Problem, seed: int) -> _Judged:
    model, judging = final.model(), integer_seed(seed, 0, "judging")
    test = evaluate(model, problem, split="test", seed=judging, metrics="all")
    return test, diagnose(model, problem, seed=judging, spread=False)


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


def keep_best(store: Store, best: Best) -> None:
    """Write the best model down."""
    scores = {split: dict(of) for split, of in best.scores.items()}
    told = _adapter().dump_python(_Kept(best.architecture, scores), mode="json")
    splits = told["scores"].items()
    details = Details(
        parent=best.number,
        architecture=told["architecture"],
        hash=canonical_hash(best.architecture),
        steps=best.steps,
        evaluations=tuple(each for split, of in splits for each in evaluations(of, split=split)),
        diagnosis=tuple(Figure(**asdict(finding)) for finding in best.diagnosis.findings),
    )
    store.add(BEST, {}, weights=best.model.state_dict(), details=details)


def best_of(entry: Entry, weights: Mapping[str, Tensor]) -> Best:
    """The best that was kept; `InputError` where it is damaged."""
    from pydantic import ValidationError

    details = entry.details
    splits = {split: scores(details.evaluations, split=split) for split in ("validation", "test")}
    try:
        kept = _adapter().validate_python({"architecture": details.architecture, "scores": splits})
        if details.parent is None or details.steps is None or not all(splits.values()):
            raise InputError("the kept best model is damaged: it lacks its number, its steps or scores")
    except ValidationError as error:
        raise InputError(f"the kept best model is damaged: {faults(error)}") from None
    require_viable(kept.architecture)
    names = kept.architecture.output_names
    if any(of.keys() != names for of in kept.scores.values()):
        raise InputError("the kept best model is damaged: its scores are not of its outputs")
    diagnosis = Diagnosis(tuple(Finding(**asdict(figure)) for figure in details.diagnosis))
    model, size = with_weights(kept.architecture, weights), complexity(kept.architecture)
    return Best(details.parent, model, kept.scores, size, diagnosis, details.steps)


@dataclass(frozen=True)
class _Kept:
    architecture: Architecture
    scores: dict[str, dict[str, Score]]


@cache
def _adapter() -> TypeAdapter[_Kept]:
    from pydantic import TypeAdapter

    return TypeAdapter(_Kept)

"""The last training of a model: whole, and until its skill gains no more."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from graftwork.errors import RunError, WorkNotBegunError
from graftwork.evaluation import evaluate
from graftwork.model import HeterogeneousModel
from graftwork.problem import Problem, Score
from graftwork.runtime import Budget, Limits
from graftwork.search.settings import SearchSettings
from graftwork.training import Trained, train
from graftwork.trial import COMPUTING_ERRORS, not_begun

T = TypeVar("T")
_LEAST = 1e-3


@dataclass(frozen=True)
class Failed:
    """A last training that came to nothing; the run goes on without it."""

    reason: str


def came_of(future: Future[T]) -> T | Failed:
    """What came of a last training on a worker, also where that was lost.

    Raises:
        WorkNotBegunError: No worker could begin it.

    Example:
        >>> future = Future()
        >>> future.set_exception(MemoryError("no room"))
        >>> came_of(future)
        Failed(reason='MemoryError: no room')
    """
    try:
        return future.result()
    except WorkNotBegunError as error:
        raise not_begun(error) from error
    except RunError as error:
        return Failed(str(error))
    except COMPUTING_ERRORS as error:
        return Failed(f"{type(error).__name__}: {error}")


def mean_skill(scores: Mapping[str, Score]) -> float:
    """Geometric mean over outputs of the skill that decisions read: good means good at everything."""
    skills = [score.decision_skill for score in scores.values()]
    return float(np.exp(np.mean(np.log(np.clip(skills, _LEAST, 1.0)))))


def train_to_the_end(
    model: HeterogeneousModel, problem: Problem, settings: SearchSettings, *, seed: int, judging: int
) -> Trained:
    """Train a whole model, and keep the weights of greatest skill on validation rows.

    The sum of losses, by which candidates stop, is least when the first output over-fits; by then others,
    whose loss is small beside it, may have most of their skill still to gain.

    Args:
        model: What to start from.
        problem: What it answers.
        settings: Of the search: most steps, patience, options.
        seed: Seed of the training.
        judging: Seed of what is sampled when skill is looked at.
    """
    return train(
        model,
        problem,
        budget=Budget(steps=settings.finish_steps),
        seed=seed,
        options=replace(
            settings.options,
            learning_rate=settings.finish_learning_rate,
            patience=settings.finish_patience,
        ),
        criterion=lambda trained: _short_of_perfect(evaluate(trained, problem, seed=judging)),
    )


def last_limits(limits: Limits, settings: SearchSettings, *, trainings: int = 1) -> Limits:
    """Limits of a candidate as they are for last trainings: the more time, the more steps these may take.

    Args:
        limits: Of a candidate.
        settings: Of the search.
        trainings: How many there are, one after the other.
    """
    longer = settings.finish_steps / min(settings.initial_steps, settings.steps)
    return limits.longer(max(1, longer) * trainings)


def _short_of_perfect(scores: Mapping[str, Score]) -> float:
    """What the mean skill lacks, and how far skills lie below 0, where their mean tells nothing apart."""
    below = [max(-score.decision_skill, 0.0) for score in scores.values()]
    return 1.0 - mean_skill(scores) + float(np.mean(below))

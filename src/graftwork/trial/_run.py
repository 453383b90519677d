"""Running a trial."""

from __future__ import annotations

import time
from concurrent.futures import Future
from dataclasses import replace

from graftwork.architecture import random_architecture
from graftwork.diagnosis import diagnose
from graftwork.errors import GraftworkError, WorkLostError, WorkNotBegunError
from graftwork.evaluation import complexity, evaluate
from graftwork.model import HeterogeneousModel, build, inherit, with_weights
from graftwork.problem import Score
from graftwork.runtime import Budget, integer_seed, is_out_of_memory
from graftwork.store import load_tensors, save_tensors
from graftwork.training import train
from graftwork.trial._trial import Application, Outcome, Parent, Result, Trial
from graftwork.variation import OPERATORS, Refusal, affected_outputs

COMPUTING_ERRORS = (ArithmeticError, MemoryError, RuntimeError, ValueError)
"""What training and judging may raise by what they compute."""


def run_trial(trial: Trial) -> Result:
    """Vary, inherit, train, evaluate and diagnose one candidate.

    It never raises for what a candidate can do: divergence, a refusal or an error of the arithmetic is an
    outcome with its reason.

    Example:
        >>> import graftwork as gw
        >>> from graftwork.trial import Trial, run_trial
        >>> problem, space = gw.load_problem("digits"), gw.SearchSpace.modern()
        >>> result = run_trial(Trial(problem=problem, space=space, root=0, candidate="0", steps=20))
        >>> result.outcome.status, result.outcome.steps
        ('done', 20)
    """
    started = time.perf_counter()
    try:
        prepared = _prepare(trial)
        result = Result(prepared) if isinstance(prepared, Outcome) else _train(trial, *prepared)
    except (GraftworkError, *COMPUTING_ERRORS) as error:
        result = Result(Outcome(status="failed", reason=_reason(error), steps=trial.steps))
    return replace(result, outcome=replace(result.outcome, seconds=time.perf_counter() - started))


def result_of(future: Future[Result], trial: Trial) -> Result:
    """The result of a trial on a worker, also of one that died: a bad candidate costs one candidate.

    Raises:
        WorkNotBegunError: No worker could begin it, of which the candidate is innocent.
    """
    try:
        return future.result()
    except WorkNotBegunError as error:
        raise not_begun(error) from error
    except WorkLostError as error:
        return Result(Outcome(status="failed", reason=str(error), steps=trial.steps, seconds=error.seconds))
    except Exception as error:
        return Result(
            Outcome(status="failed", reason=f"worker: {type(error).__name__}: {error}", steps=trial.steps)
        )


def not_begun(error: WorkNotBegunError) -> WorkNotBegunError:
    """The same with what to do, which an executor does not know."""
    return WorkNotBegunError(f"{error}; the same command goes on from here, once workers can begin")


def _reason(error: Exception) -> str:
    said = f"{type(error).__name__}: {error}"
    return f"out of memory: {said}" if is_out_of_memory(error) else said


def _prepare(trial: Trial) -> Outcome | tuple[HeterogeneousModel, frozenset[str]]:
    seed = integer_seed(trial.root, trial.candidate, "candidate")
    if trial.parent is None or trial.application is None:
        model = build(random_architecture(trial.problem, trial.space, seed=seed), seed=seed)
        return model, model.architecture.network_names
    return _vary(trial, trial.parent, trial.application, seed)


def _vary(
    trial: Trial, parent: Parent, application: Application, seed: int
) -> Outcome | tuple[HeterogeneousModel, frozenset[str]]:
    (operator,) = OPERATORS.chosen([application.operator])
    variation = operator.apply(
        parent.architecture, application.site, seed=application.seed, space=trial.space
    )
    if isinstance(variation, Refusal):
        return Outcome(status="refused", reason=variation.reason)
    model = with_weights(parent.architecture, load_tensors(parent.weights))
    child = inherit(model, variation, seed=seed)
    return child, variation.affected if trial.trainable is None else trial.trainable


def _train(trial: Trial, model: HeterogeneousModel, trainable: frozenset[str]) -> Result:
    trained = train(
        model,
        trial.problem,
        budget=Budget(steps=trial.steps),
        seed=integer_seed(trial.root, trial.candidate, "training"),
        options=trial.options,
        trainable=trainable,
    )
    outcome = Outcome(
        status="done",
        reason=trained.reason,
        architecture=model.architecture,
        trained=trainable,
        complexity=complexity(model.architecture),
        steps=trained.steps,
        training_seconds=trained.seconds,
    )
    if trained.reason == "not finite":
        return Result(replace(outcome, status="diverged"))
    return Result(_judged(trial, trained.model, outcome), save_tensors(trained.model.state_dict()))


def _judged(trial: Trial, model: HeterogeneousModel, outcome: Outcome) -> Outcome:
    # One seed for all candidates: common random numbers make differences between candidates less noisy.
    seed = integer_seed(trial.root, 0, "judging")
    kept = _kept_scores(trial, model, outcome.trained)
    judged = evaluate(model, trial.problem, seed=seed, outputs=model.architecture.output_names - kept.keys())
    scores = {name: kept.get(name) or judged[name] for name in trial.problem.outputs}
    diagnosis = diagnose(model, trial.problem, seed=seed, spread=False) if trial.diagnose else None
    return replace(outcome, scores=scores, diagnosis=diagnosis)


def _kept_scores(trial: Trial, model: HeterogeneousModel, trained: frozenset[str]) -> dict[str, Score]:
    """Scores of the parent's outputs that what was trained does not reach: they would come out the same."""
    if trial.parent is None:
        return {}
    reached = affected_outputs(model.architecture, trained)
    return {name: score for name, score in trial.parent.scores.items() if name not in reached}

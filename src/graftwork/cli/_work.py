"""What commands need before they can call the library: budgets, guidelines, models out of run folders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from graftwork.cli._console import Advance
from graftwork.documents import from_others
from graftwork.errors import InputError

if TYPE_CHECKING:
    from graftwork.architecture import Architecture
    from graftwork.diagnosis import Diagnosis
    from graftwork.guidelines import Guidelines
    from graftwork.model import HeterogeneousModel
    from graftwork.problem import Interface, Score
    from graftwork.runtime import Budget, Limits
    from graftwork.search import Candidate, Milestone, SearchResult
    from graftwork.training import TrainingOptions


@dataclass(frozen=True)
class Subject:
    """A model of a run, as diagnosis and advice see it."""

    architecture: Architecture
    diagnosis: Diagnosis
    scores: dict[str, Score]


@dataclass(frozen=True)
class Diagnosed:
    """A model of a run, what its diagnosis is, and what a reader is told of where it comes from."""

    architecture: Architecture
    diagnosis: Diagnosis
    facts: dict[str, str]


def budget_of(
    *, evaluations: int | None, steps: int | None, seconds: float | None, default: int = 60
) -> Budget:
    """The budget that was asked for; a number of evaluations where none was."""
    from graftwork.runtime import Budget

    if evaluations is None and steps is None and seconds is None:
        evaluations = default
    return Budget(evaluations=evaluations, steps=steps, seconds=seconds)


def limits_from(*, seconds: float | None, memory: str | None) -> Limits | None:
    """What a candidate may take, where anything was said of it."""
    from graftwork.runtime import Limits, bytes_of

    if seconds is None and memory is None:
        return None
    return Limits(seconds=seconds, memory=None if memory is None else bytes_of(memory))


def training_options(balancer: str, device: str) -> TrainingOptions:
    """How models are trained, as flags say; refuses what this machine cannot do."""
    from graftwork.runtime import usable_device
    from graftwork.training import TrainingOptions, named_balancer

    usable_device(device)
    return TrainingOptions(balancer=named_balancer(balancer), device=device)


def guidelines_for(path: Path | None) -> Guidelines | None:
    """The guidelines of a file, where one was named."""
    from graftwork.guidelines import Guidelines

    return None if path is None else Guidelines.load(path)


def subject_of(folder: Path, number: int | None) -> Subject:
    """The best model of a run, or a candidate of its front."""
    from graftwork.search import load_search

    with from_others(f"the search in '{folder}'"):
        return _subject(load_search(folder), folder, number)


def diagnose_run(
    folder: Path, number: int | None, metrics: Sequence[str] | None, *, connections: bool
) -> Diagnosed:
    """Diagnose the best model of a run, or a candidate of its front, on validation rows."""
    from graftwork.diagnosis import ALL_METRICS, METRICS, diagnose
    from graftwork.problem import load_problem
    from graftwork.runtime import integer_seed
    from graftwork.search import load_search

    chosen = ALL_METRICS if metrics is None else METRICS.chosen(metrics)
    with from_others(f"the search in '{folder}'"):
        result = load_search(folder)
        model = run_model(result, folder, number)
    best = f"best, of candidate {result.best.number}"
    which = best if number is None else f"candidate {number} of the front"
    # The seed and the rows by which the search judged its best: figures agree with those of its report.
    seed = integer_seed(result.spec["seed"], 0, "judging")
    problem = load_problem(result.spec["problem"])
    diagnosis = diagnose(model, problem, metrics=chosen, seed=seed, spread=False, connections=connections)
    facts = {"run": str(folder), "problem": problem.name, "model": which, "rows": "validation"}
    return Diagnosed(model.architecture, diagnosis, facts)


def _subject(result: SearchResult, folder: Path, number: int | None) -> Subject:
    if number is None:
        best = result.best
        return Subject(best.architecture, best.diagnosis, dict(best.scores["validation"]))
    candidate = _of_front(result, folder, number)
    return _candidate_subject(result.spec["problem"], candidate.architecture, candidate.weights)


def _of_front(result: SearchResult, folder: Path, number: int) -> Candidate:
    for candidate in result.front:
        if candidate.number == number:
            return candidate
    numbers = ", ".join(str(candidate.number) for candidate in result.front)
    raise InputError(f"candidate {number} is not in the front of '{folder}'; those that are: {numbers}")


def _candidate_subject(problem: str, architecture: Architecture, weights: bytes) -> Subject:
    from graftwork.diagnosis import diagnose
    from graftwork.evaluation import evaluate
    from graftwork.model import with_weights
    from graftwork.problem import load_problem
    from graftwork.store import load_tensors

    asked, model = load_problem(problem), with_weights(architecture, load_tensors(weights))
    return Subject(architecture, diagnose(model, asked, spread=False), evaluate(model, asked))


def run_and_interface(folder: Path) -> tuple[SearchResult, Interface]:
    """A finished run, and how new rows become what its models read."""
    from graftwork.search import answered_interface, load_search

    with from_others(f"the search in '{folder}'"):
        result = load_search(folder)
        return result, answered_interface(result)


def run_model(result: SearchResult, folder: Path, number: int | None) -> HeterogeneousModel:
    """The best model of a run, or a candidate of its front."""
    from graftwork.model import with_weights
    from graftwork.store import load_tensors

    if number is None:
        return result.best.model
    with from_others(f"the search in '{folder}'"):
        candidate = _of_front(result, folder, number)
        return with_weights(candidate.architecture, load_tensors(candidate.weights))


def tell_milestones(advance: Advance, budget: Budget) -> Callable[[Milestone], None]:
    """Progress of one search, in whatever its budget is counted."""

    def tell(milestone: Milestone) -> None:
        note = f"hypervolume {milestone.hypervolume:.3f}"
        if budget.evaluations is not None:
            last = milestone.evaluations >= budget.evaluations
            note += ", then the last trainings: finalists, baselines" if last else ""
            advance(milestone.evaluations, budget.evaluations, note)
        elif budget.steps is not None:
            advance(min(milestone.steps, budget.steps), budget.steps, note)
        else:
            advance(min(milestone.seconds, budget.seconds or 0), budget.seconds, note)

    return tell


def tell_runs(advance: Advance, policies: Sequence[str], seeds: int) -> Callable[[str, int, Milestone], None]:
    """Progress of a comparison, in runs."""
    begun: list[tuple[str, int]] = []

    def tell(policy: str, seed: int, milestone: Milestone) -> None:
        if (policy, seed) not in begun:
            begun.append((policy, seed))
        note = f"{policy}, seed {seed}, evaluation {milestone.evaluations}"
        advance(len(begun) - 1, len(policies) * seeds, note)

    return tell


def refuse_existing(path: Path) -> None:
    """Nothing is overwritten."""
    if path.exists():
        raise InputError(f"'{path}' exists already and is not overwritten; name another file")


def write_text(path: Path, text: str) -> None:
    """Write a file of text that is not there yet, whole or not at all."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file that is not there yet, whole or not at all."""
    refuse_existing(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.part")
        # Whatever bears the name already could be a link to elsewhere, and is not written to.
        partial.unlink(missing_ok=True)
        with partial.open("xb") as file:
            file.write(content)
        partial.replace(path)
    except OSError as error:
        raise InputError(f"cannot write '{path}': {error.strerror or error}") from error

"""Which trials of a study can run, and the records that their outcomes make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from graftwork.documents import short
from graftwork.errors import InputError
from graftwork.problem import Problem
from graftwork.store import Entry, Store, load_tensors, save_tensors
from graftwork.study.design import PlannedTrial, StudyDesign, plan_trials
from graftwork.study.record import Record, make_record, record_from_payload, record_to_payload
from graftwork.trial import (
    Application,
    Outcome,
    Parent,
    Result,
    Trial,
    outcome_details,
    outcome_of,
    with_application,
)
from graftwork.variation import CONTROL, Site


@dataclass(frozen=True)
class Task:
    """One piece of work: its key in the store, its parent, and the trial."""

    key: str
    parent: int
    trial: Trial


class Driver:
    """Answers which tasks can run; takes results in and writes what came of them."""

    def __init__(self, design: StudyDesign, problems: Mapping[str, Problem], store: Store) -> None:
        self.design, self.problems, self.store = design, problems, store
        self.outcomes: dict[str, Outcome] = {}
        self.kept: dict[tuple[int, int], Record] = {}
        for entry in store.entries():
            self.outcomes[entry.key] = _outcome(entry)
        for record in store.records():
            self._keep(record_from_payload(record.payload))

    @property
    def parents(self) -> range:
        """Numbers of all parents of the study."""
        return range(len(self.design.problems) * self.design.parents)

    def records(self) -> list[Record]:
        """All records so far, by parent and trial, whatever order they came in."""
        return [self.kept[key] for key in sorted(self.kept)]

    def tasks(self, parent: int) -> list[Task]:
        """What can run now for one parent and has not."""
        key = f"{parent}/parent"
        if key not in self.outcomes:
            return [
                Task(key, parent, self._trial(parent, f"{parent}", self.design.parent_steps, diagnose=True))
            ]
        if self.outcomes[key].status != "done":
            return []
        self._write_records(parent)
        return [task for task in self._descendants(parent) if task.key not in self.outcomes]

    def take(self, task: Task, result: Result) -> list[Task]:
        """Write a result down; what can run because of it."""
        is_parent = task.key.endswith("/parent")
        weights = load_tensors(result.weights) if is_parent and result.weights else None
        payload, details = outcome_details(result.outcome)
        self.store.add(
            task.key,
            payload,
            weights=weights,
            status=result.outcome.status,
            reason=result.outcome.reason,
            details=with_application(details, task.trial.application),
        )
        self.outcomes[task.key] = result.outcome
        if is_parent:
            return self.tasks(task.parent)
        self._write_records(task.parent)
        return []

    def _trial(self, parent: int, candidate: str, steps: int, *, diagnose: bool = False) -> Trial:
        design = self.design
        return Trial(
            problem=self.problems[design.problems[parent // design.parents]],
            space=design.space,
            root=design.seed,
            candidate=candidate,
            steps=steps,
            diagnose=diagnose,
            options=design.options,
        )

    def _plan(self, parent: int) -> list[PlannedTrial]:
        architecture = self.outcomes[f"{parent}/parent"].architecture
        assert architecture is not None
        return plan_trials(self.design, f"{parent}", architecture)

    def _descendants(self, parent: int) -> list[Task]:
        entry = self.store.get(f"{parent}/parent")
        outcome = self.outcomes[f"{parent}/parent"]
        assert entry is not None
        assert entry.weights is not None
        assert outcome.architecture is not None
        weights = save_tensors(self.store.load_weights(entry.weights))
        source = Parent(outcome.architecture, weights, outcome.scores)
        tasks: dict[str, Task] = {}
        for planned in self._plan(parent):
            for key, application, trained, candidate in _arms(parent, planned):
                trial = self._trial(parent, candidate, self.design.trial_steps)
                descendant = _descend(trial, source, application, trained)
                tasks.setdefault(key, Task(key, parent, descendant))
        return list(tasks.values())

    def _write_records(self, parent: int) -> None:
        for planned in self._plan(parent):
            child, control = (self.outcomes.get(key) for key, *_ in _arms(parent, planned))
            if child and control and (parent, planned.index) not in self.kept:
                record = make_record(
                    problem=self.design.problems[parent // self.design.parents],
                    parent=parent,
                    trial=planned.index,
                    operator=planned.application.operator,
                    site=planned.application.site,
                    parental=self.outcomes[f"{parent}/parent"],
                    child=child,
                    control=control,
                )
                self.store.add_record(f"{parent}/record/{planned.index}", record_to_payload(record))
                self._keep(record)

    def _keep(self, record: Record) -> None:
        self.kept[record.parent, record.trial] = record


def _outcome(entry: Entry) -> Outcome:
    outcome = outcome_of(entry)
    whole = entry.weights is not None and outcome.diagnosis is not None
    if entry.key.endswith("/parent") and outcome.status == "done" and not whole:
        raise InputError(f"entry {short(entry.key)} is damaged: a parent lacks its weights or its diagnosis")
    return outcome


def _arms(
    parent: int, planned: PlannedTrial
) -> tuple[tuple[str, Application, frozenset[str], str], tuple[str, Application, frozenset[str], str]]:
    """Trial and control, each with its key, application, trained part and seed name.

    Both draw the same rows and latents. Trials that train the same part share their control. The noise arm
    has a seed of its own.
    """
    noise = planned.application.operator == CONTROL.name
    control = Application(CONTROL.name, Site("model"), 0)
    seed = f"{parent}/trials"
    return (
        (
            f"{parent}/trial/{planned.index}",
            planned.application,
            planned.trained,
            f"{seed}/noise" if noise else seed,
        ),
        (f"{parent}/control/{'+'.join(sorted(planned.control))}", control, planned.control, seed),
    )


def _descend(trial: Trial, parent: Parent, application: Application, trained: frozenset[str]) -> Trial:
    return replace(trial, parent=parent, application=application, trainable=trained)

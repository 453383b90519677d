"""The randomised experiment: parents, trials, controls, and records written as they come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graftwork.documents import from_others
from graftwork.errors import InputError
from graftwork.problem import Problem, shared_problem
from graftwork.runtime import Executor, Limits, limited, used_executor
from graftwork.store import Store
from graftwork.study._driver import Driver, Task
from graftwork.study.design import StudyDesign
from graftwork.study.record import Record, record_from_payload
from graftwork.training import check_balancer
from graftwork.trial import Result, result_of, run_trial

KIND = "study"
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Study:
    """A finished study.

    Attributes:
        design: What was done, as JSON values.
        records: Every trial against its control.
    """

    design: Mapping[str, Any]
    records: tuple[Record, ...]

    @property
    def parents(self) -> int:
        """Number of parents behind the records."""
        return len({(record.problem, record.parent) for record in self.records})


def run_study(
    design: StudyDesign,
    problems: Mapping[str, Problem],
    *,
    out: Path,
    workers: int = 1,
    executor: str | Executor | None = None,
    limits: Limits | None = None,
    database: str | None = None,
    progress: Progress | None = None,
) -> Study:
    """Run a study, or go on with the one that the folder holds.

    Args:
        design: What to do.
        problems: The problem of every name in the design.
        out: Folder of the study.
        workers: How many trials are worked on side by side; the records do not depend on it.
        executor: Where: `inline`, `processes`, `ray`, another package's by name, or one of your own, which
            stays open. Unless told, this process for one worker without limits, and processes for more.
        limits: What a trial may take; one that goes beyond has failed. They are no part of what the folder
            is known by, so that a study can be gone on with under others.
        database: Address of a PostgreSQL database for its rows, `postgresql://USER@HOST/DATABASE`; a SQLite
            file in the folder unless told.
        progress: Told how many records there are, and of how many.

    Raises:
        InputError: A problem of the design is missing, the folder holds something else, or cannot be written.
    """
    spec = _spec(design, problems)
    with ExitStack() as stack:
        force = stack.enter_context(used_executor(executor, workers, limits))
        shared = {
            name: stack.enter_context(shared_problem(problems[name], force)) for name in design.problems
        }
        store = stack.enter_context(Store.open(out, kind=KIND, spec=spec, database=database))
        driver = Driver(design, shared, store)
        if not store.finished:
            _drive(driver, force, progress or (lambda done, total: None), limits)
            store.finish({"records": len(driver.records())})
        return Study(store.spec, tuple(driver.records()))


def _spec(design: StudyDesign, problems: Mapping[str, Problem]) -> dict[str, Any]:
    """What a folder is known by: the design, and the data behind the names of its problems."""
    missing = [name for name in design.problems if name not in problems]
    if missing:
        raise InputError(
            f"the design asks for problem '{missing[0]}', but {', '.join(problems) or 'none'} came"
        )
    for name in design.problems:
        check_balancer(design.options.balancer, problems[name].outputs)
    prints = {name: problems[name].fingerprint for name in design.problems}
    return {**design.spec(), "fingerprints": prints}


def _drive(driver: Driver, executor: Executor, progress: Progress, limits: Limits | None = None) -> None:
    evaluate = limited(run_trial, limits)
    total = len(driver.parents) * (driver.design.trials + 1)
    pending: dict[Future[Result], Task] = {}

    def submit(tasks: list[Task]) -> None:
        for task in tasks:
            pending[executor.submit(evaluate, task.trial)] = task

    for parent in driver.parents:
        submit(driver.tasks(parent))
        # An inline executor has already worked; taking its results now keeps few of them in memory.
        while len(pending) > 4 * executor.workers:
            _take_some(driver, pending, submit)
            progress(len(driver.kept), total)
    while pending:
        _take_some(driver, pending, submit)
        progress(len(driver.kept), total)


def _take_some(
    driver: Driver, pending: dict[Future[Result], Task], submit: Callable[[list[Task]], None]
) -> None:
    done, _ = wait(pending, return_when=FIRST_COMPLETED)
    for future in done:
        task = pending.pop(future)
        submit(driver.take(task, result_of(future, task.trial)))


def load_study(folder: Path) -> Study:
    """Read a finished study.

    Raises:
        InputError: There is none, it is damaged, or it was cut short.
    """
    with Store.read(folder, kinds={KIND}) as store, from_others(f"the study in '{folder}'"):
        records = [record_from_payload(record.payload) for record in store.records()]
        if not store.finished:
            raise InputError(
                f"the study in '{folder}' was cut short after {len(records)} records; "
                "go on with it by the command that began it, then try again"
            )
        if len(records) != (store.summary or {}).get("records"):
            raise InputError(
                f"the study in '{folder}' is damaged: it holds {len(records)} records, not what it says"
            )
        return Study(store.spec, tuple(sorted(records, key=lambda r: (r.parent, r.trial))))

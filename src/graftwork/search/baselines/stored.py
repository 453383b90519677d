"""Baselines as a run keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import cache
from typing import TYPE_CHECKING

from graftwork.documents import faults
from graftwork.errors import InputError
from graftwork.problem import Problem
from graftwork.runtime import Executor, Limits, limited
from graftwork.search.baselines._base import Baseline, Rival
from graftwork.search.last_training import Failed, came_of
from graftwork.search.settings import SearchSettings
from graftwork.store import Details, Entry, Store
from graftwork.trial import evaluations, scores

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_KEY, _ARM = "baseline/", "baseline"


def hold_against(
    rivals: Sequence[Rival],
    problem: Problem,
    store: Store,
    *,
    parameters: int,
    settings: SearchSettings,
    seed: int,
    executor: Executor,
    limits: Limits | None = None,
) -> None:
    """Train the rivals of a searched model that the run does not hold yet, and keep how each did.

    One that cannot be trained, or goes beyond the limits, is kept as failed, with the reason. Once the run
    has come to its end, it is tried again when the run is asked for again; not before, so that a run that was
    interrupted ends as any other.

    Args:
        rivals: What it is held against.
        problem: What is answered.
        store: Of the run.
        parameters: Of the searched model.
        settings: Of the search.
        seed: Root of every random draw.
        executor: Where they are trained.
        limits: What each may take, all its trainings together.
    """
    done, failed = stored_baselines(store)
    held = {baseline.name for baseline in done} | (set() if store.finished else failed.keys())
    asked = [rival for rival in rivals if rival.name not in held]
    futures = [
        executor.submit(
            limited(rival.fit, limits), problem, parameters=parameters, settings=settings, seed=seed
        )
        for rival in asked
    ]
    for rival, future in zip(asked, futures, strict=True):
        number = store.count(_ARM)
        details = Details(arm=_ARM, number=number)
        baseline = came_of(future)
        if isinstance(baseline, Failed):
            key = f"{_KEY}{rival.name}/{number}"
            store.add(key, {"name": rival.name}, status="failed", reason=baseline.reason, details=details)
        else:
            _keep(store, baseline, details)


def stored_baselines(store: Store) -> tuple[tuple[Baseline, ...], dict[str, str]]:
    """The baselines that a run holds, in the order in which they were added; and, by name, why others failed.

    Raises:
        InputError: One is damaged.
    """
    entries = store.numbered(_ARM)
    done = tuple(_baseline(entry) for entry in entries if entry.status == "done")
    failed = {
        str(entry.payload.get("name", entry.key)): entry.reason or "no reason kept"
        for entry in entries
        if entry.status == "failed"
    }
    return done, {name: failed[name] for name in failed if name not in {each.name for each in done}}


def _keep(store: Store, baseline: Baseline, details: Details) -> None:
    told = {name: asdict(score) for name, score in baseline.scores.items()}
    details = replace(details, evaluations=evaluations(told, split="test"))
    store.add(_KEY + baseline.name, {"parameters": baseline.parameters}, details=details)


def _baseline(entry: Entry) -> Baseline:
    from pydantic import ValidationError

    told = {
        "name": entry.key.removeprefix(_KEY),
        "scores": scores(entry.details.evaluations, split="test"),
        "parameters": entry.payload.get("parameters"),
    }
    try:
        return _adapter().validate_python(told)
    except ValidationError as error:
        raise InputError(f"entry '{entry.key}' is damaged: {faults(error)}") from None


@cache
def _adapter() -> TypeAdapter[Baseline]:
    from pydantic import TypeAdapter

    return TypeAdapter(Baseline)

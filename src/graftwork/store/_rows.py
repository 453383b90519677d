"""Entries as rows of the tables, and back."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from graftwork.documents import short
from graftwork.errors import InputError
from graftwork.store._entry import Brief, Details, Entry, Evaluation, Figure, Milestone, Place, RecordEntry
from graftwork.store._json import decode, decode_point, encode

Row = Mapping[str, Any]

_PLAIN = (
    *("arm", "number", "parent", "founder", "operator", "seed", "hash", "steps", "seconds"),
    *("training_seconds", "joined", "displaced_by"),
)
_TOLD = ("problem", "parent", "trial", "operator", "status")


def candidate_row(entry: Entry) -> dict[str, Any]:
    """The row of the candidate alone.

    Raises:
        InputError: A part of it is nothing that a database holds.
    """
    _check_key(entry.key)
    details = entry.details
    row = {name: getattr(details, name) for name in _PLAIN}
    for name in ("seconds", "training_seconds"):
        _check_finite(row[name], name)
    standing = details.standing
    return row | {
        "key": entry.key,
        "status": entry.status,
        "reason": clean(entry.reason),
        "weights": entry.weights,
        "site": None if details.site is None else encode(details.site, "site"),
        "architecture": None
        if details.architecture is None
        else encode(details.architecture, "architecture"),
        "payload": encode(entry.payload, "payload"),
        "objectives": _points_to_text(details.objectives),
        "total_steps": standing and standing.steps,
        "total_seconds": standing and standing.seconds,
        "hypervolume": standing and standing.hypervolume,
    }


def evaluation_rows(details: Details) -> list[dict[str, Any]]:
    """The rows of the scores; `InputError` where one is not finite."""
    rows = [_columns(each, _EVALUATION) | {"metrics": each.metrics} for each in details.evaluations]
    for row in rows:
        for name in ("value", "skill", "decision_value", "decision_skill"):
            _check_finite(row[name], f"{name} of {row['output']!r}")
        row["metrics"] = encode(row["metrics"], "metrics")
    return rows


def diagnosis_rows(details: Details) -> list[dict[str, Any]]:
    """The rows of the diagnosis, in its order; `InputError` where one is not finite."""
    rows = [_columns(each, _FIGURE) | {"place": place} for place, each in enumerate(details.diagnosis)]
    for row in rows:
        for name in ("value", "error"):
            _check_finite(row[name], f"{name} of {row['metric']} of {row['component']!r}")
    return rows


def record_row(key: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """The row of a line of a study."""
    _check_key(key)
    return {
        "key": key,
        "payload": encode(payload, "payload"),
        **{name: payload.get(name) for name in _TOLD},
    }


def entry_of(row: Row, evaluations: Sequence[Row], figures: Sequence[Row]) -> Entry:
    """The entry that rows hold.

    Raises:
        InputError: A row is damaged; it is named.
    """
    try:
        details = Details(
            **{name: row[name] for name in _PLAIN},
            site=_object(row["site"]),
            architecture=_object(row["architecture"]),
            objectives=_point(row["objectives"]),
            standing=_standing(row),
        )
        details = replace(
            details,
            evaluations=tuple(sorted(map(_evaluation, evaluations), key=lambda e: (e.split, e.output))),
            diagnosis=tuple(_figure(each) for each in figures),
        )
        return Entry(
            key=row["key"],
            status=row["status"],
            reason=row["reason"],
            payload=decode(row["payload"]),
            weights=row["weights"],
            details=details,
        )
    except (ValueError, TypeError, LookupError) as error:
        raise damaged("entry", row["key"], error) from error


def record_of(row: Row) -> RecordEntry:
    """The record that a row holds; `InputError` where it is damaged."""
    try:
        return RecordEntry(key=row["key"], payload=decode(row["payload"]))
    except (ValueError, TypeError, LookupError) as error:
        raise damaged("record", row["key"], error) from error


def ordered(details: Details) -> Details:
    """As it comes back: scores by split and output."""
    return replace(
        details, evaluations=tuple(sorted(details.evaluations, key=lambda each: (each.split, each.output)))
    )


def place_of(row: Row) -> Place:
    """The place on the front that a row holds; `InputError` where it is damaged."""
    try:
        point = _point(row["objectives"])
        if point is None:
            raise ValueError("it has no objectives")
        return Place(number=row["number"], objectives=point)
    except (ValueError, TypeError, LookupError) as error:
        raise damaged("candidate", row["number"], error) from error


def brief_of(row: Row) -> Brief:
    """The brief that a row holds; `InputError` where it is damaged."""
    try:
        told = {**row, "objectives": _point(row["objectives"])}
        return Brief(**told)
    except (ValueError, TypeError, LookupError) as error:
        raise damaged("candidate", row["number"], error) from error


def clean(text: str | None) -> str | None:
    """A text that every database takes: they know no zero byte and no lone surrogate."""
    if text is None:
        return None
    return text.replace("\0", "\\x00").encode(errors="backslashreplace").decode()


def _check_key(key: str) -> None:
    if clean(key) != key or not key:
        raise InputError(f"A key must be a text without zero bytes or lone surrogates, but it is {key!r}.")


def _check_finite(value: float | None, name: str) -> None:
    if value is not None and not math.isfinite(value):
        raise InputError(f"{name} is {value}, which is no figure; leave it out, and say why beside it.")


def _points_to_text(point: Sequence[float] | None) -> str | None:
    for value in point or ():
        _check_finite(value, "an objective")
    return None if point is None else json.dumps([*point])


def _point(text: str | None) -> tuple[float, ...] | None:
    return None if text is None else decode_point(text)


def _standing(row: Row) -> Milestone | None:
    if row["hypervolume"] is None:
        return None
    if None in (row["number"], row["total_steps"], row["total_seconds"]):
        raise ValueError("it has a hypervolume, but no number, steps or seconds")
    return Milestone(
        evaluations=row["number"] + 1,
        steps=row["total_steps"],
        seconds=row["total_seconds"],
        hypervolume=row["hypervolume"],
    )


def _evaluation(row: Row) -> Evaluation:
    return Evaluation(**{name: row[name] for name in _EVALUATION}, metrics=decode(row["metrics"]))


def _figure(row: Row) -> Figure:
    return Figure(**{name: row[name] for name in _FIGURE})


_EVALUATION = (
    *("split", "output", "kind", "metric", "value", "skill"),
    *("decision", "decision_value", "decision_skill"),
)
_FIGURE = ("component", "output", "metric", "value", "error")


def _columns(of: object, names: Sequence[str]) -> dict[str, Any]:
    # asdict copies what it holds, which for hundreds of figures takes longer than to write them.
    return {name: getattr(of, name) for name in names}


def _object(text: str | None) -> dict[str, Any] | None:
    return None if text is None else decode(text)


def damaged(what: str, key: object, error: Exception | str) -> InputError:
    """A refusal that names the row and says why."""
    why = f"not JSON: {error}" if isinstance(error, json.JSONDecodeError) else str(error)
    return InputError(
        f"{what} {short(key)} is damaged ({why[:200]}); nothing was changed. Restore the run from a copy, or "
        "start again in another folder."
    )

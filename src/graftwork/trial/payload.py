"""Outcomes as plain JSON values, checked on the way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from graftwork.architecture import Architecture, canonical_hash, require_viable
from graftwork.diagnosis import Diagnosis
from graftwork.documents import faults, short
from graftwork.errors import InputError
from graftwork.store import Details, Entry, Evaluation, Figure
from graftwork.trial._trial import Application, Outcome
from graftwork.variation import Site

if TYPE_CHECKING:
    from pydantic import TypeAdapter


_WHERE = ("split", "output")
_FOR_OUTPUTS = ("relevance_permutation", "reaches")
_FOR_NETWORKS = ("exclusive", "parameter_share")


@cache
def _adapter() -> TypeAdapter[Outcome]:
    from pydantic import TypeAdapter

    return TypeAdapter(Outcome)


def to_payload(outcome: Outcome) -> dict[str, Any]:
    """An outcome as JSON values."""
    payload: dict[str, Any] = _adapter().dump_python(outcome, mode="json")
    # A set has another order in every process.
    return payload | {"trained": sorted(outcome.trained)}


def from_payload(payload: Mapping[str, Any]) -> Outcome:
    """The outcome that was kept; `InputError` where it is damaged."""
    from pydantic import ValidationError

    try:
        outcome = _adapter().validate_python(payload)
    except ValidationError as error:
        raise InputError(f"a kept outcome is damaged: {faults(error)}") from None
    if outcome.architecture is not None:
        require_viable(outcome.architecture)
    if min(outcome.steps, outcome.seconds, outcome.training_seconds) < 0:
        raise InputError("a kept outcome is damaged: its steps or seconds are negative")
    if outcome.status == "done":
        _check_done(outcome)
    return outcome


def _check_done(outcome: Outcome) -> None:
    if outcome.architecture is None or outcome.complexity is None:
        raise InputError("a kept outcome is damaged: it is done, but has no architecture or no complexity")
    if min(asdict(outcome.complexity).values()) < 1:
        raise InputError("a kept outcome is damaged: its complexity is less than 1")
    if outcome.scores.keys() != (names := outcome.architecture.output_names):
        odd = short(min(outcome.scores.keys() ^ names))
        raise InputError(f"a kept outcome is damaged: {odd} is no output that has a score")
    if outcome.diagnosis is not None:
        _check_diagnosis(outcome.diagnosis, outcome.architecture)


def _check_diagnosis(diagnosis: Diagnosis, architecture: Architecture) -> None:
    """Every network has the figures that policies and records read."""
    found = {(each.metric, each.component, each.output) for each in diagnosis.findings}
    asked: set[tuple[str, str | None]]
    asked = {(metric, output) for metric in _FOR_OUTPUTS for output in architecture.output_names}
    asked |= {(metric, None) for metric in _FOR_NETWORKS}
    for name in architecture.network_names:
        for metric, output in asked:
            if (metric, name, output) not in found:
                raise InputError(f"a kept outcome is damaged: {short(name)} has no {metric}")


def outcome_details(outcome: Outcome) -> tuple[dict[str, Any], Details]:
    """An outcome as a store keeps it: what has no column, and what has but for status and reason."""
    payload = to_payload(outcome)
    known = outcome.status == "done" and outcome.architecture
    details = Details(
        hash=canonical_hash(known) if known else None,
        architecture=payload["architecture"],
        steps=outcome.steps,
        seconds=outcome.seconds,
        training_seconds=outcome.training_seconds,
        evaluations=evaluations(payload["scores"], split="validation"),
        diagnosis=figures(payload["diagnosis"]),
    )
    rest = {"trained": payload["trained"], "complexity": payload["complexity"]}
    return rest | {"diagnosed": outcome.diagnosis is not None}, details


def outcome_of(entry: Entry) -> Outcome:
    """The outcome that `outcome_details` took apart; `InputError` where it is damaged."""
    details = entry.details
    try:
        diagnosis = findings(details.diagnosis) if entry.payload["diagnosed"] else None
        return from_payload(
            {
                "status": entry.status,
                "reason": entry.reason or "",
                "architecture": details.architecture,
                "trained": entry.payload["trained"],
                "scores": scores(details.evaluations, split="validation"),
                "complexity": entry.payload["complexity"],
                "diagnosis": diagnosis,
                "steps": details.steps,
                "seconds": details.seconds,
                "training_seconds": details.training_seconds,
            }
        )
    except (InputError, LookupError, TypeError) as error:
        raise InputError(f"entry {short(entry.key)} is damaged: {error}") from error


def with_application(details: Details, application: Application | None) -> Details:
    """The same, with what was done to the parent."""
    if application is None:
        return details
    site = {**asdict(application.site), "nodes": list(application.site.nodes)}
    return replace(details, operator=application.operator, site=site, seed=application.seed)


def application_of(entry: Entry) -> Application | None:
    """What `with_application` wrote down; `InputError` where it is damaged."""
    details = entry.details
    if details.operator is None:
        return None
    try:
        site = _site(details.site or {})
    except (LookupError, TypeError) as error:
        told = f"its site is {short(details.site)}"
        raise InputError(f"entry {short(entry.key)} is damaged: {told}") from error
    if details.seed is None:
        raise InputError(f"entry {short(entry.key)} is damaged: it lacks a seed")
    return Application(details.operator, site, details.seed)


def _site(kept: Mapping[str, Any]) -> Site:
    kind, nodes, layer = kept["kind"], kept["nodes"], kept["layer"]
    texts = [kind, *nodes] if isinstance(nodes, list) else [None]
    if not all(isinstance(text, str) for text in texts) or not isinstance(layer, int):
        raise TypeError("not a site")
    return Site(kind, tuple(nodes), layer)


def evaluations(payload: Mapping[str, Any], *, split: str) -> tuple[Evaluation, ...]:
    """Scores of one split, given by output as JSON values."""
    return tuple(Evaluation(split=split, output=output, **score) for output, score in payload.items())


def scores(kept: Sequence[Evaluation], *, split: str) -> dict[str, dict[str, Any]]:
    """Scores of one split by output, as JSON values."""
    told = (vars(each) for each in kept if each.split == split)
    return {each["output"]: {key: each[key] for key in each if key not in _WHERE} for each in told}


def figures(payload: Mapping[str, Any] | None) -> tuple[Figure, ...]:
    """A diagnosis, given as JSON values."""
    return tuple(Figure(**finding) for finding in (payload or {"findings": ()})["findings"])


def findings(kept: Sequence[Figure]) -> dict[str, Any]:
    """A diagnosis as JSON values."""
    return {"findings": [vars(each) for each in kept]}

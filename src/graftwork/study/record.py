"""One line of a study: what an operator did, against the control."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from graftwork.diagnosis import site_features
from graftwork.documents import faults, short
from graftwork.errors import InputError
from graftwork.trial import Outcome
from graftwork.variation import Site, affected_outputs

if TYPE_CHECKING:
    from pydantic import TypeAdapter

COMPLEXITY_FIGURES = ("parameters", "macs", "depth", "layers", "networks", "connections")


@dataclass(frozen=True, kw_only=True)
class Record:
    """The effect of one operator at one site of one parent.

    Attributes:
        problem: Name of the problem.
        parent: Which parent of the study; records of one parent are not independent.
        trial: Which of the parent's trials.
        operator: Name of the operator; `continue` for the control with another seed, which shows the noise.
        site: Where it was applied.
        layer: The hidden layer of it, where the site is one.
        features: What was known of the site beforehand (`diagnosis.FEATURES`).
        complexity: Change of each figure, as the natural logarithm of the ratio child / parent.
        effects: Change of each output's skill (for classification, of the log loss) against the control.
        kinds: Kind of each output.
        affected: Outputs that the trained part reaches.
        status: `done`, or why there are no effects.
        steps: Training steps that the trial cost.
    """

    problem: str
    parent: int
    trial: int
    operator: str
    site: tuple[str, ...]
    layer: int | None
    features: dict[str, float]
    complexity: dict[str, float]
    effects: dict[str, float]
    kinds: dict[str, str]
    affected: frozenset[str]
    status: str
    steps: int


def make_record(
    *,
    problem: str,
    parent: int,
    trial: int,
    operator: str,
    site: Site,
    parental: Outcome,
    child: Outcome,
    control: Outcome,
) -> Record:
    """Compare a child with its control; both descend from `parental`."""
    assert parental.architecture is not None
    assert parental.diagnosis is not None
    done = child.status == control.status == "done"
    return Record(
        problem=problem,
        parent=parent,
        trial=trial,
        operator=operator,
        site=site.nodes,
        layer=site.layer if site.kind == "layer" else None,
        features=site_features(parental.architecture, parental.diagnosis, parental.scores, site),
        complexity=_complexity_change(parental, child),
        effects=_effects(child, control) if done else {},
        kinds={output.name: output.kind for output in parental.architecture.outputs},
        affected=affected_outputs(child.architecture, child.trained) if child.architecture else frozenset(),
        status="done" if done else f"child {child.status}, control {control.status}",
        steps=child.steps,
    )


def _effects(child: Outcome, control: Outcome) -> dict[str, float]:
    return {
        name: score.decision_skill - control.scores[name].decision_skill
        for name, score in child.scores.items()
    }


def _complexity_change(parent: Outcome, child: Outcome) -> dict[str, float]:
    if parent.complexity is None or child.complexity is None:
        return {}
    return {
        figure: math.log(getattr(child.complexity, figure) / getattr(parent.complexity, figure))
        for figure in COMPLEXITY_FIGURES
    }


@cache
def _adapter() -> TypeAdapter[Record]:
    from pydantic import TypeAdapter

    return TypeAdapter(Record)


def record_to_payload(record: Record) -> dict[str, Any]:
    """A record as JSON values."""
    payload: dict[str, Any] = _adapter().dump_python(record, mode="json")
    # The order of a set differs between processes; what is kept does not.
    return payload | {"affected": sorted(record.affected)}


def record_from_payload(payload: Mapping[str, Any]) -> Record:
    """The record that was kept; `InputError` where it is damaged."""
    from pydantic import ValidationError

    try:
        record = _adapter().validate_python(payload)
    except ValidationError as error:
        raise InputError(f"a kept record is damaged: {faults(error)}") from None
    if not record.effects.keys() <= record.kinds.keys():
        odd = short(min(record.effects.keys() - record.kinds.keys()))
        raise InputError(f"a kept record is damaged: {odd} has an effect, but no kind")
    return record

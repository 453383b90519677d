"""Properties of the weights that a child inherits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from graftwork.architecture import canonical_hash
from graftwork.testing._attempt import Attempt, Inherited
from graftwork.testing._subject import Subject
from graftwork.variation import CONTROL, Grafted, Kept, Origin, Picked, Zeros

_CLOSE = 1e-5
_IN_A_ROW = 3
_SHARE_INHERITED_TWICE = 0.25


def plan_is_complete(inherited: Inherited) -> list[str]:
    """The plan has an origin for every parameter of the child, and for nothing else."""
    due = {name for name, _ in inherited.child.model.named_parameters()}
    odd = sorted(due ^ set(inherited.variation.inheritance))
    return [f"{name} is {'not in the plan' if name in due else 'no parameter of the child'}" for name in odd]


def kept_weights(inherited: Inherited) -> list[str]:
    """What the plan says is kept, grafted, picked from what is, or zero, is so bit for bit."""
    attempt, child = inherited.attempt, inherited.child.tensors
    wrong = [
        f"{name} is not {origin}"
        for name, origin in inherited.variation.inheritance.items()
        if (due := _due(origin, attempt.parent.tensors, attempt.donor.tensors, child[name])) is not None
        and not _same(child[name], due)
    ]
    return wrong[:3]


def _due(
    origin: Origin, parent: Mapping[str, Tensor], donor: Mapping[str, Tensor], got: Tensor
) -> Tensor | None:
    """What a parameter must be; none where its origin says no more than how it is computed."""
    if isinstance(origin, Kept):
        return parent[origin.parameter]
    if isinstance(origin, Grafted):
        return donor[origin.parameter]
    if isinstance(origin, Zeros):
        return torch.zeros(got.shape)
    if isinstance(origin, Picked) and (whole := _due(origin.of, parent, donor, got)) is not None:
        numbers = [unit * origin.block + place for unit in origin.units for place in range(origin.block)]
        return torch.from_numpy(np.take(whole.numpy(), numbers, axis=origin.axis))
    return None


def unaffected_weights(inherited: Inherited) -> list[str]:
    """Networks that are not affected, and so are not trained, have the parent's weights bit for bit."""
    before, after = inherited.attempt.parent.tensors, inherited.child.tensors
    return [
        f"{name} changed, but its network is not affected"
        for name, value in after.items()
        if name.startswith("networks.")
        and name.split(".")[1] not in inherited.variation.affected
        and (name not in before or not _same(value, before[name]))
    ][:3]


def something_changes(inherited: Inherited) -> list[str] | None:
    """Structure or weights differ; the control alone changes nothing."""
    parent, child = inherited.attempt.parent, inherited.child
    if inherited.attempt.operator.name == CONTROL.name:
        return None
    differs = child.hash != parent.hash or _values(child) != _values(parent)
    return [] if differs else ["structure and weights are the parent's"]


def inherits_alike(inherited: Inherited) -> list[str] | None:
    """Inherited once more with the same seed, the weights are the same; tried now and then: it is dear."""
    if inherited.attempt.rng.random() > _SHARE_INHERITED_TWICE:
        return None
    again = inherited.attempt.inherit(inherited.variation).state_dict()
    wrong = [name for name, value in inherited.child.tensors.items() if not torch.equal(value, again[name])]
    return [f"{name} differs when it is inherited once more with the same seed" for name in wrong[:3]]


def preserved_function(inherited: Inherited) -> list[str] | None:
    """Where it promises to, it leaves every answer to 1e-5."""
    if not inherited.variation.preserves:
        return None
    return _differences(inherited.child, inherited.attempt.parent)


def preserved_in_a_row(inherited: Inherited) -> list[str] | None:
    """Three promises in a row leave every answer to 1e-5 of what it was before them."""
    earlier = inherited.attempt.earlier
    if not inherited.variation.preserves or len(earlier) < _IN_A_ROW:
        return None
    return _differences(inherited.child, earlier[_IN_A_ROW - 1])


def unchanged(attempt: Attempt) -> list[str]:
    """Parent and donor are what they were: structure, hash and, bit for bit, weights."""
    subjects = {"parent": attempt.parent}
    if attempt.operator.donor is not None:
        subjects["donor"] = attempt.donor
    return [
        f"the {role}'s {what} changed" for role, subject in subjects.items() for what in _changed(subject)
    ]


def _changed(subject: Subject) -> list[str]:
    found = [] if Subject(subject.model, subject.rows).text == subject.text else ["structure"]
    # Computed, for what the architecture itself knows was computed before.
    found += [] if canonical_hash(subject.architecture) == subject.hash else ["hash"]
    same = all(_same(value, subject.tensors[name]) for name, value in subject.model.state_dict().items())
    return found if same else [*found, "weights"]


def _differences(after: Subject, before: Subject) -> list[str]:
    found = []
    for name, due in before.answers.items():
        error = ((after.answers[name] - due).abs() / due.abs().clamp(min=1.0)).max().item()
        if not error <= _CLOSE and bool(due.isfinite().all()):
            found.append(f"{name} differs by {error:.2g}")
    return found


def _same(one: Tensor, other: Tensor) -> bool:
    return one.shape == other.shape and torch.equal(one, other)


def _values(subject: Subject) -> Counter[bytes]:
    return Counter(value.numpy().tobytes() for value in subject.tensors.values())

"""Properties of the architecture that an operator makes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from graftwork.architecture import Architecture, canonical_hash, mac_count, parameter_count, violations
from graftwork.testing import _naive
from graftwork.testing._attempt import Applied
from graftwork.variation import Refusal


def viable(applied: Applied) -> list[str]:
    """It breaks no rule and no limit of the space."""
    return violations(applied.variation.architecture, applied.attempt.space)


def no_duplicate_connections(applied: Applied) -> list[str]:
    """Two nodes are connected once at most."""
    pairs = _naive.repeated(applied.variation.architecture)
    return [f"{source} -> {target} is there more than once" for source, target in pairs]


def nothing_lost_or_orphaned(applied: Applied) -> list[str]:
    """The problem's inputs and outputs are there, and every network and output has its place between them."""
    child, parent = applied.variation.architecture, applied.attempt.parent.architecture
    fed = _naive.reached(child, [node.name for node in child.inputs])
    useful = _naive.reached(child, [node.name for node in child.outputs], backwards=True)
    networks, outputs = ({node.name for node in nodes} for nodes in (child.networks, child.outputs))
    found = [f"no input reaches {name}" for name in sorted((networks | outputs) - fed)]
    found += [f"{name} reaches no output" for name in sorted(networks - useful)]
    same = (child.inputs, child.outputs) == (parent.inputs, parent.outputs)
    return found if same else [*found, "inputs or outputs are others than the parent's"]


def round_trip(applied: Applied) -> list[str]:
    """What its JSON says is the same architecture."""
    child = applied.variation.architecture
    read = Architecture.from_json(child.to_json())
    found = [] if read == child else ["what is read from its JSON differs"]
    return (
        found if read.canonical_hash == child.canonical_hash else [*found, "its hash read from JSON differs"]
    )


def hash_is_of_the_structure(applied: Applied) -> list[str]:
    """Names and order do not change the canonical hash; an edit does."""
    child, rng = applied.variation.architecture, applied.attempt.rng
    own = child.canonical_hash
    found = []
    if canonical_hash(_naive.disguised(child, rng)) != own:
        found.append("networks called otherwise and listed in another order have another hash")
    if canonical_hash(_naive.edited(child, rng)) == own:
        found.append("a connection less, or a unit more, leaves the hash as it is")
    return found


def says_what_was_done(applied: Applied) -> list[str]:
    """The variation names operator, site, parent and donor."""
    attempt, variation = applied.attempt, applied.variation
    expected = {
        "operator": (variation.operator, attempt.operator.name),
        "site": (variation.site, attempt.site),
        "parent": (variation.parent, attempt.parent.architecture),
        "donor": (variation.donor, attempt.operator.donor),
    }
    return [f"its {name} is not the one that was used" for name, (got, due) in expected.items() if got != due]


def affected_set(applied: Applied) -> list[str]:
    """The affected networks are those that the definition gives."""
    due = _naive.affected(applied.attempt.parent.architecture, applied.variation.architecture)
    got = set(applied.variation.affected)
    return [] if got == due else [f"affected is {sorted(got)}, by the definition it is {sorted(due)}"]


def limits(applied: Applied) -> list[str]:
    """Where the parent is as large as may be, it keeps to that limit or names it when it refuses."""
    attempt = applied.attempt
    name = tuple(_SIZES)[int(attempt.rng.integers(len(_SIZES)))]
    most = max(1, _SIZES[name](attempt.parent.architecture))
    fewest = min(attempt.space.min_parameters, max(1, most - 1))
    changes: dict[str, Any] = {name: most, "min_parameters": fewest}
    answer = attempt.apply(replace(attempt.space, **changes))
    if isinstance(answer, Refusal):
        named = name in answer.reason
        return [] if named else [f"at the limit {name} it refuses without naming it: {answer.reason!r}"]
    size = _SIZES[name](answer.architecture)
    return [] if size <= most else [f"{name} is {most}, and it makes {size}"]


_SIZES = {
    "max_networks": lambda architecture: len(architecture.networks),
    "max_connections": lambda architecture: len(architecture.connections),
    "max_parameters": parameter_count,
    "max_macs": mac_count,
}

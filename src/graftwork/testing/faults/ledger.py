"""What a run folder holds, and how two looks at it differ."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from graftwork.architecture import canonical_hash
from graftwork.errors import InputError
from graftwork.search import load_search
from graftwork.store import Entry, Store, save_tensors

_CLOCK = ("seconds", "training_seconds")


@dataclass(frozen=True)
class Kept:
    """One entry of a store.

    Attributes:
        content: Digest of its payload, but for what a clock gave, and of its weights.
        clock: What a clock gave: the same for the same work, other when work is done again.
        intact: Whether the weights that it names can be read.
    """

    content: str
    clock: tuple[float | None, ...] = ()
    intact: bool = True


Ledger = Mapping[str, Kept]


def ledger(folder: Path) -> dict[str, Kept]:
    """All entries of a run by key; none where there is no run yet."""
    try:
        with Store.read(folder) as store:
            return {entry.key: _kept(store, entry) for entry in store.entries()}
    except InputError:
        return {}


def lost(told: Collection[str], before: Ledger, after: Ledger) -> list[str]:
    """Keys of what was kept, or said to be, before a fault, and is missing, changed or damaged after it."""
    return sorted(key for key in {*told, *before} if not _stayed(before.get(key), after.get(key)))


def repeated(
    before: Ledger, after: Ledger, seen: Mapping[str, float], expected: Collection[str]
) -> list[str]:
    """Keys of what was worked on twice.

    Args:
        before: What was kept before the fault.
        after: What is kept in the end.
        seen: Seconds of every candidate as the run that went on saw them.
        expected: Keys of a run without a fault; any other is work too many.
    """
    again = {key for key, kept in before.items() if key in after and after[key].clock != kept.clock}
    unused = {key for key, kept in before.items() if key in seen and seen[key] not in kept.clock[:1]}
    return sorted(again | unused | (set(after) - set(expected)))


def ending(folder: Path) -> dict[str, Any]:
    """What a finished run comes to, by name; equal runs are equal in each, bit for bit.

    Raises:
        InputError: There is no finished run, or it is damaged.
    """
    result = load_search(folder)
    entries = ledger(folder)
    with Store.read(folder) as store:
        finished = store.finished
    return {
        "finished": finished,
        "entries": {key: (kept.content, kept.intact) for key, kept in entries.items()},
        "front": [each.number for each in result.front],
        "architectures": [canonical_hash(each.architecture) for each in result.candidates if each.done],
        "scores": [each.outcome.scores for each in result.candidates],
        "steps": (result.history[-1].steps, result.best.steps),
        "best": (result.best.number, result.best.scores),
        "best weights": hashlib.sha256(save_tensors(result.best.model.state_dict())).hexdigest(),
    }


def differences(reference: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Names of what two endings differ in."""
    return [name for name in reference if name not in other or reference[name] != other[name]]


def _stayed(before: Kept | None, after: Kept | None) -> bool:
    return before is not None and after is not None and after.intact and before.content == after.content


def _kept(store: Store, entry: Entry) -> Kept:
    details = asdict(entry.details)
    clock = tuple(details.pop(name) for name in _CLOCK)
    # What displaced it from the front may have come after it was looked at.
    details.pop("displaced_by")
    if details["standing"]:
        del details["standing"]["seconds"]
    told = [entry.payload, details, entry.status, entry.reason, entry.weights]
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    return Kept(digest, clock, _readable(store, entry.weights))


def _readable(store: Store, weights: str | None) -> bool:
    """Whether weights can be read; that they are what their name says is looked at by the store."""
    try:
        if weights is not None:
            store.load_weights(weights)
    except InputError:
        return False
    return True

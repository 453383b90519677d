"""Names of inputs and outputs, and what to say about unknown ones."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from graftwork.documents import short
from graftwork.errors import InputError

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
_MOST_CHARACTERS = 100
_NETWORK = re.compile(r"n[0-9]+")


def check_problem_name(name: object) -> None:
    """Refuse a name that is no line of text: it is printed, and stands in reports."""
    if not isinstance(name, str) or not 0 < len(name) <= _MOST_CHARACTERS or not name.isprintable():
        raise InputError(
            f"problem name {short(name)}: expected text of 1 to {_MOST_CHARACTERS} printable characters"
        )


def check_names(inputs: Iterable[str], outputs: Iterable[str]) -> None:
    """Refuse names that are no identifiers, that collide, or that networks or modules bear."""
    seen: dict[str, str] = {}
    for role, names in (("input", inputs), ("output", outputs)):
        for name in names:
            _check_name(role, name)
            if name in seen:
                raise InputError(f"{name!r} names an input and an output; give one of them another name")
            seen[name] = role


def _check_name(role: str, name: object) -> None:
    if not isinstance(name, str) or not _IDENTIFIER.fullmatch(name):
        raise InputError(
            f"{role} name {short(name)}: expected a letter followed by letters, digits or underscores, "
            f"at most {_MOST_CHARACTERS} in all"
        )
    if _NETWORK.fullmatch(name):
        raise InputError(f"{role} name {name!r}: `n` and a number names networks; choose another name")
    if name == "training":
        raise InputError(f"{role} name 'training': every PyTorch module has that flag; choose another name")


def unknown(what: str, name: object, known: Iterable[str]) -> InputError:
    """The error about a name that is not among the known ones, which it lists, closest first."""
    names, asked = sorted(known), str(name)[:_MOST_CHARACTERS].lower()
    names.sort(key=lambda other: -difflib.SequenceMatcher(None, asked, other.lower()).ratio())
    return InputError(f"unknown {what} {short(name)}; choose one of: {', '.join(names)}")

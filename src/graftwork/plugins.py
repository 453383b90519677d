"""Parts that other packages register by entry points, and names that nobody knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points

from graftwork.errors import GraftworkError, InputError

__all__ = ["called", "found_points", "loaded", "made", "unknown"]


def found_points(group: str) -> list[EntryPoint]:
    """The entry points of a group by name, always in one order."""
    return sorted(entry_points(group=group), key=lambda point: point.name)


def called(point: EntryPoint) -> str:
    """What messages call an entry point."""
    package = point.dist.name if point.dist else "a package"
    return f"the entry point '{point.name}' of {package} in the group {point.group}"


def loaded(point: EntryPoint, what: str, undeclared: Callable[[object], str | None]) -> object:
    """What an entry point brings; of a class, one that is made without arguments.

    Args:
        point: Of another package.
        what: That it should bring, such as "metric".
        undeclared: Says what an object lacks to be one.

    Raises:
        InputError: It cannot be loaded or made, or brings something else.
    """

    def of(value: object) -> object:
        return value() if isinstance(value, type) else value

    part = made(point, of)
    if fault := undeclared(part):
        raise InputError(f"{called(point)} brings no {what}: {fault}")
    return part


def made(point: EntryPoint, of: Callable[..., object]) -> object:
    """What is made of the value of an entry point.

    Raises:
        InputError: It cannot be loaded, or nothing can be made of it.
    """
    try:
        return of(point.load())
    except GraftworkError:
        raise
    except Exception as error:
        raise InputError(
            f"{called(point)} cannot be loaded: {type(error).__name__}: {error}; mend or uninstall it"
        ) from error


def unknown(name: str, known: Iterable[str], what: str, plural: str | None = None) -> InputError:
    """The refusal of a name, with those that are near and all that there are.

    Example:
        >>> print(unknown("widn", ["widen", "clone"], "operator"))
        there is no operator 'widn'; did you mean 'widen'? the operators are widen, clone
    """
    names = list(known)
    near = get_close_matches(name, names, n=3)
    hint = f"did you mean {' or '.join(repr(each) for each in near)}? " if near else ""
    return InputError(f"there is no {what} '{name}'; {hint}the {plural or f'{what}s'} are {', '.join(names)}")

"""JSON that others wrote: read in bounded time and memory, whatever it holds.

A validator keeps a record of every fault, and a parser a value for every bracket, which for a text of nothing
but these takes gigabytes. So text is measured before it is parsed, and values before they are validated.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graftwork.errors import InputError

if TYPE_CHECKING:
    from pydantic import ValidationError

__all__ = ["MOST_BYTES", "faults", "from_others", "parse", "read_text", "short"]

MOST_BYTES = 5_000_000
_MOST_VALUES = 100_000
_MOST_DEPTH = 50
_MOST_DIGITS = 100
_MOST_CHARACTERS = 10_000
_MOST_FAULTS = 20
_MOST_LISTED = 1_000
_WRONG_VALUE = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError),
    *(MemoryError, RecursionError, TypeError, ValueError),
)


def read_text(path: Path, what: str) -> str:
    """The text of a file, of which no more is read than a document may have.

    Raises:
        InputError: It cannot be read, is too large, or is not UTF-8.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise InputError(f"{what} in '{path}': expected at most {MOST_BYTES} bytes, came more")
        return data.decode()
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {what} from '{path}': {error}") from error


def parse(text: str, what: str, *, most_values: int = _MOST_VALUES, most_bytes: int = MOST_BYTES) -> Any:
    """The value that a text of JSON describes.

    Args:
        text: Who wrote it need not be trusted.
        what: What messages call it, such as "the architecture".
        most_values: How many values it may have in all.
        most_bytes: How many bytes.

    Raises:
        InputError: It is no string, no JSON, too large or too deep, or has too many values (commas and
            brackets inside of strings count too), too long whole numbers or strings, numbers that are not
            finite, or control characters.

    Example:
        >>> parse('{"width": 4}', "the architecture")
        {'width': 4}
        >>> parse("[" * 1000, "the architecture")
        Traceback (most recent call last):
        graftwork.errors.InputError: the architecture: not valid JSON: 'recursion limit exceeded ...
    """
    from pydantic_core import from_json

    data = _measured(text, what, most_values, most_bytes)
    try:
        value = from_json(data)
    except ValueError as error:
        raise InputError(f"{what}: not valid JSON: {short(str(error))}") from None
    _check_values(value, what)
    return value


def faults(error: ValidationError) -> str:
    """What a validator found, the first faults only, each with its place and what came."""
    # A list of all takes as much memory again as the validator took.
    if (count := error.error_count()) > _MOST_LISTED:
        return f"{count} faults, which is more than anyone would read"
    found = error.errors(include_url=False, include_context=False)
    told = [
        f"{_place(fault['loc'])}: {fault['msg']}, got {short(fault['input'])}"
        for fault in found[:_MOST_FAULTS]
    ]
    more = [f"and {len(found) - _MOST_FAULTS} more"] if len(found) > _MOST_FAULTS else []
    return "; ".join(told + more)


@contextmanager
def from_others(what: str) -> Iterator[None]:
    """While what others stored is made use of: values that nothing can be made of are refused as damage.

    Raises:
        InputError: The block raised one of the errors that a value of a wrong type or size leads to.

    Example:
        >>> with from_others("the run in 'folder'"):
        ...     {}["settings"]
        Traceback (most recent call last):
        graftwork.errors.InputError: the run in 'folder' is damaged: KeyError: 'settings'
    """
    try:
        yield
    except _WRONG_VALUE as error:
        raise InputError(f"{what} is damaged: {type(error).__name__}: {str(error)[:200]}") from error


def short(value: object) -> str:
    """A value as messages show it, in at most 60 characters.

    Example:
        >>> short("a" * 1000)
        "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa..."
    """
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _place(steps: tuple[int | str, ...]) -> str:
    return ".".join(str(step)[:60] for step in steps) or "the whole text"


def _measured(text: str, what: str, most_values: int, most_bytes: int) -> bytes:
    if not isinstance(text, str):
        raise InputError(f"{what} is read from a string of JSON, got {type(text).__name__}")
    # No character takes less than a byte, so what is far too large is refused before it is copied.
    size = len(text) if len(text) > most_bytes else len(text.encode(errors="replace"))
    if size > most_bytes:
        raise InputError(f"the JSON of {what} has {size} bytes or more, expected at most {most_bytes}")
    if sum(text.count(sign) for sign in ",[{") > most_values:
        raise InputError(f"the JSON of {what} has more than {most_values} values in all, expected fewer")
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise InputError(f"{what}: not valid JSON: {short(str(error))}") from None


def _check_values(document: object, what: str) -> None:
    left: list[tuple[object, int]] = [(document, 0)]
    while left:
        value, depth = left.pop()
        if fault := _fault(value, depth):
            raise InputError(f"the JSON of {what} has {fault}")
        if isinstance(value, dict):
            left += ((item, depth + 1) for pair in value.items() for item in pair)
        elif isinstance(value, list):
            left += ((item, depth + 1) for item in value)


def _fault(value: object, depth: int) -> str | None:
    if depth > _MOST_DEPTH:
        return f"values inside of more than {_MOST_DEPTH} others, expected fewer"
    if isinstance(value, str):
        if len(value) > _MOST_CHARACTERS:
            return f"a string of {len(value)} characters, expected at most {_MOST_CHARACTERS}"
        if not value.isprintable():
            return f"a string with control characters, {short(value)}"
    if isinstance(value, int) and abs(value) >= 10**_MOST_DIGITS:
        return f"a whole number of more than {_MOST_DIGITS} digits"
    if isinstance(value, float) and not math.isfinite(value):
        return f"the number {value}, expected finite ones"
    return None

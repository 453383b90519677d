"""Strict JSON: what is read back is what was written."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from graftwork.documents import short
from graftwork.errors import InputError

_MOST_DEPTH = 100


def encode(value: Mapping[str, Any], name: str) -> str:
    """`value` as JSON text; `name` is what messages call it.

    Raises:
        InputError: If a part of it is nothing that JSON holds, naming the part.
    """
    try:
        plain = _plain(value, name)
        _refuse_deep(plain)
        return json.dumps(plain, allow_nan=False)
    except RecursionError as error:
        raise InputError(f"{name} is nested too deeply to be stored.") from error


def decode(text: str) -> dict[str, Any]:
    """The object that `text` describes.

    Raises:
        ValueError: If `text` is no strict JSON object, or nested too deeply.
    """
    value = _loaded(text)
    if not isinstance(value, dict):
        raise ValueError(f"expected a JSON object, but found {type(value).__name__}")
    return value


def decode_point(text: str) -> tuple[float, ...]:
    """The real numbers that `text` lists.

    Raises:
        ValueError: If it lists anything else.
    """
    found = _loaded(text)
    if not isinstance(found, list) or not all(isinstance(value, float) for value in found):
        raise ValueError(f"expected a JSON list of real numbers, but found {short(text)}")
    return tuple(found)


def _loaded(text: str) -> Any:
    if not isinstance(text, str):
        raise ValueError(f"expected JSON text, but found {type(text).__name__}")
    try:
        value = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
        _refuse_deep(value)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if "\\u" in text:
        # Half a character is valid JSON, and no text that could be written anywhere.
        json.dumps(value, ensure_ascii=False).encode()
    return value


def _refuse_deep(value: object) -> None:
    level = [value]
    for _ in range(_MOST_DEPTH):
        level = [each for outer in level for each in _inside(outer) if isinstance(each, (dict, list))]
        if not level:
            return
    raise RecursionError(f"more than {_MOST_DEPTH} levels")


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _finite(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise ValueError(f"{short(digits)} is too large a number")
    return value


def _plain(value: object, where: str) -> object:
    if isinstance(value, Mapping):
        return {_key(key, where): _plain(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, f"{where}[{index}]") for index, item in enumerate(value)]
    if isinstance(value, str):
        return _whole_characters(value, where)
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        raise InputError(
            f"{where} is {value}, which JSON cannot hold; leave it out or store None, and say why beside it."
        )
    raise InputError(
        f"{where} must be None, a bool, int, float, str, list or mapping to be stored, but it is a "
        f"{type(value).__name__}; convert it first, for instance with .tolist() or float()."
    )


def _key(key: object, where: str) -> str:
    if isinstance(key, str):
        return _whole_characters(key, where)
    raise InputError(f"The keys of {where} must be strings to be stored, but one is {key!r}; use str(key).")


def _whole_characters(text: str, where: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InputError(f"{where} holds half a character, which no file holds: {short(text)}.") from error
    return text


def _refuse_constant(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON number")

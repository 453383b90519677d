"""Strict JSON: what is read back is what was written."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from graftwork.errors import InputError


def encode(value: Mapping[str, Any], name: str) -> str:
    """`value` as JSON text; `name` is what messages call it.

    Raises:
        InputError: If a part of it is nothing that JSON holds, naming the part.
    """
    try:
        return json.dumps(_plain(value, name), allow_nan=False)
    except RecursionError as error:
        raise InputError(f"{name} is nested too deeply to be stored.") from error


def decode(text: str) -> dict[str, Any]:
    """The object that `text` describes.

    Raises:
        ValueError: If `text` is no strict JSON object, or nested too deeply.
    """
    if not isinstance(text, str):
        raise ValueError(f"expected JSON text, but found {type(text).__name__}")
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(value, dict):
        raise ValueError(f"expected a JSON object, but found {type(value).__name__}")
    return value


def _plain(value: object, where: str) -> object:
    if isinstance(value, Mapping):
        return {_key(key, where): _plain(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, f"{where}[{index}]") for index, item in enumerate(value)]
    if value is None or isinstance(value, (bool, int, str)):
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
        return key
    raise InputError(f"The keys of {where} must be strings to be stored, but one is {key!r}; use str(key).")


def _refuse_constant(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON number")

"""What tells two specs apart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_ABSENT = object()


def differences(there: Mapping[str, Any], asked: Mapping[str, Any]) -> list[str]:
    """One sentence for every key that differs, nested keys by their dotted path, with both values."""
    left, right = _flat(there, ""), _flat(asked, "")
    return [
        f"{key} is {_show(left.get(key, _ABSENT))} there, but {_show(right.get(key, _ABSENT))} was asked for"
        for key in sorted(left.keys() | right.keys())
        if left.get(key, _ABSENT) != right.get(key, _ABSENT)
    ]


def _flat(spec: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in spec.items():
        if isinstance(value, Mapping) and value:
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def _show(value: object) -> str:
    return "absent" if value is _ABSENT else json.dumps(value)

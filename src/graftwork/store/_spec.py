"""What tells two specs apart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_ABSENT = object()
_MOST = 20


def differences(there: Mapping[str, Any], asked: Mapping[str, Any]) -> list[str]:
    """One sentence for keys that differ, nested keys by their dotted path, with both values.

    No more than twenty, and none of them long: what is there may be of others.
    """
    left, right = _flat(there, ""), _flat(asked, "")
    odd = [
        key for key in sorted(left.keys() | right.keys()) if left.get(key, _ABSENT) != right.get(key, _ABSENT)
    ]
    told = [
        f"{key[:100]} is {_show(left.get(key, _ABSENT))} there, "
        f"but {_show(right.get(key, _ABSENT))} was asked for"
        for key in odd[:_MOST]
    ]
    return told + ([f"and {len(odd) - _MOST} more"] if len(odd) > _MOST else [])


def _flat(spec: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in spec.items():
        if isinstance(value, Mapping) and value:
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def _show(value: object) -> str:
    text = "absent" if value is _ABSENT else json.dumps(value)
    return text if len(text) <= 100 else f"{text[:97]}..."

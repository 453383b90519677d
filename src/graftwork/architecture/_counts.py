"""What a whole number is."""

from __future__ import annotations


def is_count(value: object) -> bool:
    """Whether a value is a whole number; a truth value is none."""
    return isinstance(value, int) and not isinstance(value, bool)

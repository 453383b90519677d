"""What a whole number is, what a truth value, and what a share."""

from __future__ import annotations


def is_count(value: object) -> bool:
    """Whether a value is a whole number; a truth value is none."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_truth(value: object) -> bool:
    """Whether a value is true or false, and not 1 or 0, which are written otherwise."""
    return isinstance(value, bool)


def is_share(value: object) -> bool:
    """Whether a value is a number of at least 0 and below 1."""
    return (isinstance(value, float) or is_count(value)) and 0 <= value < 1  # type: ignore[operator]

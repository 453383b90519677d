"""Correction of p-values for how many there are."""

from __future__ import annotations

from collections.abc import Hashable, Sequence


def corrected(p_values: Sequence[float], families: Sequence[Hashable]) -> list[float]:
    """P-values corrected within each family (Benjamini and Hochberg, 1995).

    What an operator does to complexity is all but certain. In one family with the changes of skill, its many
    tiny p-values would let through changes of skill that are chance.

    Args:
        p_values: Of the tests.
        families: The family of each.

    Example:
        >>> corrected([0.01, 0.02, 0.9, 0.04], ["skill", "skill", "skill", "size"])
        [0.03, 0.03, 0.9, 0.04]
    """
    from scipy.stats import false_discovery_control

    q_values = [1.0] * len(p_values)
    for family in dict.fromkeys(families):
        places = [place for place, own in enumerate(families) if own == family]
        found = false_discovery_control([p_values[place] for place in places])
        for place, q in zip(places, found, strict=True):
            q_values[place] = float(q)
    return q_values


def family(response: str) -> str:
    """The family of a response: `skill`, or `complexity`."""
    return "skill" if response.startswith("skill:") else "complexity"

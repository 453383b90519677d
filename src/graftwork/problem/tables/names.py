"""Names of columns as names of inputs and outputs."""

from __future__ import annotations

import re


def identifier(name: str) -> str:
    """A column's name as that of an input or output: letters, digits and underscores.

    Example:
        >>> identifier("Body mass (g)"), identifier("2nd")
        ('Body_mass_g', 'c_2nd')
    """
    plain = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")[:90]
    # `n1` names a network, and `training` a flag of every module.
    good = plain[:1].isalpha() and not re.fullmatch(r"n[0-9]+|training", plain)
    return plain if good else f"c_{plain}"


def free_name(name: str, taken: set[str]) -> str:
    """A name that is not taken yet, and is from now on."""
    while name in taken:
        name += "_in"
    taken.add(name)
    return name

"""Which networks lie behind and before which, as bits of whole numbers: cheap to ask of every pair."""

from __future__ import annotations

from collections.abc import Mapping

from graftwork.architecture import Architecture


def behind(architecture: Architecture, bits: Mapping[str, int]) -> dict[str, int]:
    """For each network the bits of itself and of all networks that can be reached from it."""
    found: dict[str, int] = {}
    for name in reversed(architecture.order):
        own = bits[name]
        for receiver in architecture.receivers(name):
            own |= found.get(receiver, 0)
        found[name] = own
    return found


def before(architecture: Architecture, bits: Mapping[str, int]) -> dict[str, int]:
    """For each network the bits of itself and of all networks from which it can be reached."""
    found: dict[str, int] = {}
    for name in architecture.order:
        own = bits[name]
        for source in architecture.sources(name):
            own |= found.get(source, 0)
        found[name] = own
    return found

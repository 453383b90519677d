"""The guidelines that come with Graftwork."""

from __future__ import annotations

from importlib.resources import files

from graftwork.guidelines.guidelines import Guidelines


def bundled_guidelines() -> Guidelines:
    """Guidelines of a study made beforehand; `studies` in them says of what, and by which design.

    Example:
        >>> bundled_guidelines().studies[0]["problems"]
        ['fashion-mnist']
    """
    return Guidelines.from_json((files("graftwork.guidelines") / "data" / "guidelines.json").read_text("utf-8"))

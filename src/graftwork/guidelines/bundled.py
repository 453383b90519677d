"""The guidelines that come with Graftwork."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from graftwork.guidelines.guidelines import Guidelines


@cache
def bundled_guidelines() -> Guidelines:
    """Guidelines deduced from a study of Fashion-MNIST; how is in benchmarks/README.md.

    Example:
        >>> {problem for study in bundled_guidelines().studies for problem in study["problems"]}
        {'fashion-mnist'}
    """
    text = files("graftwork.guidelines").joinpath("bundled.json").read_text(encoding="utf-8")
    return Guidelines.from_json(text)

"""Problems that come with the package, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType

from graftwork.problem._names import unknown
from graftwork.problem.bundled.digits import digits
from graftwork.problem.bundled.fashion_mnist import fashion_mnist
from graftwork.problem.problem import Problem

__all__ = ["BUNDLED", "digits", "fashion_mnist", "load_problem"]

BUNDLED: Mapping[str, Callable[[], Problem]] = MappingProxyType(
    {"digits": digits, "fashion-mnist": fashion_mnist}
)


def load_problem(name: str) -> Problem:
    """A bundled problem, loaded once in a process.

    Args:
        name: `digits`, or `fashion-mnist` (whose files must be at hand, see `fashion_mnist`).

    Raises:
        InputError: No problem of this name, or its data are not at hand.

    Example:
        >>> problem = load_problem("digits")
        >>> {name: output.width for name, output in problem.outputs.items()}
        {'digit': 10, 'histogram': 16, 'sample': 64}
    """
    if not isinstance(name, str) or name not in BUNDLED:
        raise unknown("problem", name, BUNDLED)
    return _loaded(name)


@cache
def _loaded(name: str) -> Problem:
    return replace(BUNDLED[name](), loader=load_problem)

"""Problems by name: those that come with the package, and those in files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType

from graftwork.errors import InputError
from graftwork.problem._names import unknown
from graftwork.problem.bundled.cars import cars
from graftwork.problem.bundled.diamonds import diamonds
from graftwork.problem.bundled.digits import digits
from graftwork.problem.bundled.fashion_mnist import fashion_mnist
from graftwork.problem.bundled.mnist5k import mnist5k
from graftwork.problem.bundled.penguins import penguins
from graftwork.problem.files import DATA_ENDINGS, described, problem_of, read_description
from graftwork.problem.problem import Problem

__all__ = [
    "BUNDLED",
    "cars",
    "diamonds",
    "digits",
    "fashion_mnist",
    "load_problem",
    "mnist5k",
    "penguins",
    "problem_name",
]

_KEPT = "the description of the problem"
BUNDLED: Mapping[str, Callable[[], Problem]] = MappingProxyType(
    {
        "digits": digits,
        "fashion-mnist": fashion_mnist,
        "penguins": penguins,
        "cars": cars,
        "diamonds": diamonds,
        "mnist5k": mnist5k,
    }
)


def load_problem(name: str) -> Problem:
    """A problem by its name, loaded once in a process.

    Args:
        name: A bundled one: `digits`; `fashion-mnist`, whose files must be at hand (see `fashion_mnist`);
            `penguins`, `cars`, `diamonds` or `mnist5k` (extra `graftwork[data]`). Or the path of a TOML
            problem file; or the description that a problem from files has in `source`, which a run keeps.

    Raises:
        InputError: No problem of this name, or its data are not at hand, or cannot be one.
        MissingExtraError: The package that ships its data is not installed.

    Example:
        >>> problem = load_problem("digits")
        >>> {name: output.width for name, output in problem.outputs.items()}
        {'digit': 10, 'histogram': 16, 'sample': 64}
    """
    if isinstance(name, str) and name in BUNDLED:
        return _loaded(name)
    if isinstance(name, str) and name.startswith("{"):
        return _described(name)
    if isinstance(name, str) and name.lower().endswith(".toml"):
        return problem_of(read_description(Path(name)))
    if isinstance(name, str) and name.lower().endswith(DATA_ENDINGS):
        raise InputError(
            f"'{name}' is data: say what is asked of them by --class, --value or --generate, or by the "
            "file that "
            f"'graftwork init {name}' writes"
        )
    raise unknown("problem", name, BUNDLED)


def problem_name(name: str) -> str:
    """The name of the problem that `load_problem` would load, which is not loaded.

    Example:
        >>> problem_name("digits")
        'digits'
    """
    return described(name, _KEPT).name or name if name.startswith("{") else name


@cache
def _loaded(name: str) -> Problem:
    return replace(BUNDLED[name](), loader=load_problem)


def _described(text: str) -> Problem:
    path = Path(described(text, _KEPT).data)
    try:
        stamp = path.stat().st_mtime_ns
    except (OSError, ValueError):
        stamp = -1
    return _kept(text, stamp)


@lru_cache(maxsize=2)
def _kept(text: str, stamp: int) -> Problem:
    return problem_of(described(text, _KEPT))

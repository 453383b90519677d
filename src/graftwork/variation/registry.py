"""Operators by name: those of the package, and those that other packages register."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from typing import cast, final

from graftwork.errors import InputError
from graftwork.variation._base import Operator, undeclared

GROUP = "graftwork.operators"


@final
class OperatorRegistry(Mapping[str, Operator]):
    """Operators by name; those of other packages are looked for when the first is asked for.

    A package registers an operator by an entry point of the group `graftwork.operators` whose value is a
    subclass of `Operator` that can be made without arguments, or an instance of one.

    Args:
        own: The operators of this package.
    """

    def __init__(self, own: Iterable[Operator]) -> None:
        self._own = {operator.name: operator for operator in own}

    @cached_property
    def _operators(self) -> Mapping[str, Operator]:
        operators = dict(self._own)
        for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
            operator = _loaded(point)
            if operator.name in operators:
                raise InputError(f"{_called(point)} brings a second operator '{operator.name}'; rename it")
            operators[operator.name] = operator
        return operators

    def __getitem__(self, name: str) -> Operator:
        # Own ones first: a broken package must not be in the way of who does not ask for it.
        return self._own[name] if name in self._own else self._operators[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._operators)

    def __len__(self) -> int:
        return len(self._operators)

    def chosen(self, names: Iterable[str]) -> tuple[Operator, ...]:
        """The operators of these names, in their order.

        Raises:
            InputError: There is none of a name, a name comes twice, or there are no names.

        Example:
            >>> from graftwork.variation import OPERATORS
            >>> [operator.tendency for operator in OPERATORS.chosen(["clone_network", "delete_connection"])]
            ['increasing', 'reducing']
        """
        asked = list(names)
        if not asked:
            raise InputError("operators: expected at least one, came none")
        for name in asked:
            if name not in self:
                near = get_close_matches(name, self, n=1)
                hint = f"did you mean '{near[0]}'? " if near else ""
                raise InputError(f"there is no operator '{name}'; {hint}the operators are {', '.join(self)}")
        if len(set(asked)) < len(asked):
            raise InputError(f"operators: a name comes twice in {', '.join(asked)}")
        return tuple(self[name] for name in asked)


def _loaded(point: EntryPoint) -> Operator:
    try:
        found = point.load()
        operator = found() if isinstance(found, type) else found
    except Exception as error:
        raise InputError(
            f"{_called(point)} cannot be loaded: {type(error).__name__}: {error}; mend or uninstall it"
        ) from error
    if fault := undeclared(operator):
        raise InputError(f"{_called(point)} brings no operator: {fault}")
    return cast("Operator", operator)


def _called(point: EntryPoint) -> str:
    package = point.dist.name if point.dist else "a package"
    return f"the entry point '{point.name}' of {package} in the group {GROUP}"

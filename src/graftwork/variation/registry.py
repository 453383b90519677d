"""Operators by name: those of the package, and those that other packages register."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import cast, final

from graftwork.errors import InputError
from graftwork.plugins import called, found_points, loaded, unknown
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
        for point in found_points(GROUP):
            operator = cast("Operator", loaded(point, "operator", undeclared))
            if operator.name in operators:
                raise InputError(f"{called(point)} brings a second operator '{operator.name}'; rename it")
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
                raise unknown(name, self, "operator")
        if len(set(asked)) < len(asked):
            raise InputError(f"operators: a name comes twice in {', '.join(asked)}")
        return tuple(self[name] for name in asked)

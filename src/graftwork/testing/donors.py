"""Operators that take networks from another model get one to take them from."""

from __future__ import annotations

import inspect

from graftwork.architecture import Architecture
from graftwork.variation import Operator


def with_donor(operator: Operator, donor: Architecture) -> Operator:
    """The operator, with this donor where it takes one.

    An operator with a method `with_donor(architecture)` is asked; one whose class takes the argument `donor`
    is made anew; all others are answered with as they are.

    Example:
        >>> from graftwork.variation import CONTROL
        >>> with_donor(CONTROL, Architecture((), (), (), ())) is CONTROL
        True
    """
    ask = getattr(operator, "with_donor", None)
    made = operator
    if ask is not None:
        made = ask(donor)
    elif "donor" in inspect.signature(type(operator)).parameters:
        made = type(operator)(donor=donor)  # type: ignore[call-arg]
    return made

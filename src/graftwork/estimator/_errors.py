"""Bad input as scikit-learn expects it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from graftwork.errors import InputError


class EstimatorInputError(InputError, ValueError):
    """Bad input of an estimator: an `InputError` that is a `ValueError` too."""


@contextmanager
def value_errors() -> Iterator[None]:
    """Every `InputError` within is raised as a `ValueError` too, with the same message.

    Example:
        >>> with value_errors():
        ...     raise InputError("a is wrong")
        Traceback (most recent call last):
        graftwork.estimator._errors.EstimatorInputError: a is wrong
    """
    try:
        yield
    except InputError as error:
        raise EstimatorInputError(str(error)) from error

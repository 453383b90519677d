"""The exceptions of Graftwork.

GraftworkError
├── InputError              bad input, refused before any work is done (exit code 2)
│   └── NotViableError      an architecture that breaks rules, with the rules it breaks
├── MissingExtraError       an optional dependency is not installed (exit code 1)
└── RunError                a run could not go on (exit code 1)
    ├── WorkLostError       a worker died at a piece of work, or went beyond its limits
    └── WorkNotBegunError   there was no worker to begin it, by no fault of the work
"""

from __future__ import annotations

from collections.abc import Iterable

_MOST_TOLD, _MOST_CHARACTERS = 20, 300

__all__ = [
    "GraftworkError",
    "InputError",
    "MissingExtraError",
    "NotViableError",
    "RunError",
    "WorkLostError",
    "WorkNotBegunError",
]


class GraftworkError(Exception):
    """The root: whatever Graftwork raises on purpose is one of these."""


class InputError(GraftworkError):
    """Bad input. The message names it, says what was expected and what came, and what to do."""


class NotViableError(InputError):
    """An architecture that breaks rules.

    Attributes:
        violations: Every broken rule, one sentence each; the message tells the first twenty.

    Example:
        >>> error = NotViableError(["n1 feeds no output", "n2 feeds itself"])
        >>> print(error)
        The architecture is not viable: n1 feeds no output; n2 feeds itself
        >>> error.violations
        ('n1 feeds no output', 'n2 feeds itself')
    """

    violations: tuple[str, ...]

    def __init__(self, violations: Iterable[str]) -> None:
        self.violations = tuple(violations)
        told = [sentence[:_MOST_CHARACTERS] for sentence in self.violations[:_MOST_TOLD]]
        if len(self.violations) > _MOST_TOLD:
            told.append(f"and {len(self.violations) - _MOST_TOLD} more")
        super().__init__(f"The architecture is not viable: {'; '.join(told)}")

    def __reduce__(self) -> tuple[type[NotViableError], tuple[tuple[str, ...]]]:
        # Exceptions are rebuilt from their message by default, which is not what __init__ takes;
        # this one must come back whole from a worker process.
        return type(self), (self.violations,)


class MissingExtraError(GraftworkError):
    """An optional dependency is not installed.

    Attributes:
        extra: The extra of Graftwork that brings it.
        purpose: What it is needed for.

    Example:
        >>> print(MissingExtraError("ray", "running on a cluster"))
        'ray' is needed for running on a cluster; install it with: pip install 'graftwork[ray]'
    """

    extra: str
    purpose: str

    def __init__(self, extra: str, purpose: str) -> None:
        self.extra, self.purpose = extra, purpose
        super().__init__(
            f"'{extra}' is needed for {purpose}; install it with: pip install 'graftwork[{extra}]'"
        )

    def __reduce__(self) -> tuple[type[MissingExtraError], tuple[str, str]]:
        return type(self), (self.extra, self.purpose)


class RunError(GraftworkError):
    """A run could not go on, though its input was good."""


class WorkLostError(RunError):
    """A piece of work came to nothing by the way it ended: its worker died, or it went beyond its limits.

    Attributes:
        seconds: How long it was worked on.

    Example:
        >>> error = WorkLostError("exceeded its limit of 30 s", seconds=30)
        >>> print(error, error.seconds)
        exceeded its limit of 30 s 30
    """

    seconds: float

    def __init__(self, message: str, *, seconds: float = 0.0) -> None:
        self.seconds = seconds
        super().__init__(message)


class WorkNotBegunError(RunError):
    """A piece of work was not begun: no worker could be started, or what it needs is gone.

    That says nothing of the work, so that no candidate is charged with it: the run ends, and can be gone on
    with.
    """

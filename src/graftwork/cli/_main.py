"""The door: runs a command, and turns what goes wrong into one message and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from graftwork.errors import GraftworkError, InputError

DONE, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `graftwork`; exits with 0 done, 1 failed, 2 bad input, 130 interrupted."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run a command; the exit code."""
    from graftwork.cli.app import app

    try:
        outcome = app(args=list(arguments), standalone_mode=False, prog_name="graftwork")
    except KeyboardInterrupt:
        return _interrupted()  # before typer took over
    except InputError as error:
        return _say(str(error), BAD_INPUT)
    except GraftworkError as error:
        return _say(str(error), FAILED)
    except PermissionError as error:
        return _say(f"no permission to write '{error.filename}'; name another folder", BAD_INPUT)
    except Exception as error:
        return _usage_error(error)
    if outcome == INTERRUPTED:  # what typer makes of an interrupt
        return _interrupted()
    return outcome if isinstance(outcome, int) else DONE


def _say(message: str, code: int) -> int:
    from graftwork.cli._console import plain

    print(f"graftwork: {plain(message)}", file=sys.stderr)
    return code


def _interrupted() -> int:
    return _say("interrupted; the same command goes on where this one stopped", INTERRUPTED)


def _usage_error(error: Exception) -> int:
    """Errors of usage show themselves; anything else is a defect, and its traceback helps to mend it."""
    show, code = getattr(error, "show", None), getattr(error, "exit_code", None)
    if type(error).__name__ in {"Abort", "Exit"}:
        return INTERRUPTED if type(error).__name__ == "Abort" else int(code or DONE)
    if show is None or code is None:
        raise error
    show()
    return int(code)

"""`python -m graftwork.testing`: the library held to what it promises."""

from __future__ import annotations

import sys

import typer

from graftwork.errors import InputError
from graftwork.testing.commands import diagnosis, faults, operators, workers

app = typer.Typer(
    name="graftwork.testing",
    help="Hold Graftwork, and what was added to it, to its promises.\n\n"
    "Exit codes: 0 nothing is broken, 1 something is, 2 bad arguments.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


for command in (operators, faults, workers, diagnosis):
    app.command(name=command.NAME)(command.run)


def main() -> None:
    """Run the command; what is bad input ends it with exit code 2."""
    try:
        app(prog_name="python -m graftwork.testing")
    except InputError as error:
        typer.echo(f"graftwork.testing: {error}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()

"""`python -m graftwork.testing`: the library held to what it promises."""

from __future__ import annotations

import typer

from graftwork.testing.commands import operators

app = typer.Typer(
    name="graftwork.testing",
    help="Hold Graftwork, and what was added to it, to its promises.\n\n"
    "Exit codes: 0 nothing is broken, 1 something is, 2 bad arguments.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _group() -> None:
    """Without it, a single command would be called without its name."""


for command in (operators,):
    app.command(name=command.NAME)(command.run)

if __name__ == "__main__":
    app(prog_name="python -m graftwork.testing")

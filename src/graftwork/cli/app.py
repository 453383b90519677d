"""All commands."""

from __future__ import annotations

from typing import Annotated

import typer

from graftwork.cli.commands import (
    advise,
    compare,
    demo,
    diagnose,
    export,
    gc,
    guidelines,
    init,
    predict,
    report,
    sample,
    search,
    study,
    upgrade,
)

app = typer.Typer(
    name="graftwork",
    help=(
        "Search for one compact neural model that answers several outputs of different kinds, "
        "and know why.\n\n"
        "Begin with 'graftwork demo'. For data of your own, 'graftwork init' writes a first problem "
        "file. Then: 'graftwork study' measures what structural changes do, "
        "'graftwork guidelines' deduces rules from that, 'graftwork search' searches by them, "
        "'graftwork advise' tells what to change next, 'graftwork predict' and 'graftwork sample' use the "
        "model, 'graftwork export' writes it for others.\n\n"
        "Exit codes: 0 done, 1 failed, 2 bad input, 130 interrupted (the same command goes on)."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"graftwork {version('graftwork')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


COMMANDS = (
    *(demo, init, search, predict, sample, export),
    *(study, guidelines, diagnose, advise, compare, report, gc, upgrade),
)
for command in COMMANDS:
    app.command(name=command.NAME)(command.run)

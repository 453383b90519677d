"""`python -m graftwork.testing faults`: runs that are killed, gone on with, and compared."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from graftwork.testing.commands._progress import progress_bar
from graftwork.testing.faults.kills import Kill, Kills, check_kills

NAME = "faults"


def run(
    kills: Annotated[int, typer.Option(min=1, help="Drivers to kill, each in a fresh run.")] = 50,
    seed: Annotated[int, typer.Option(min=0, help="Root of the instants of the kills.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object for machines.")] = False,
) -> None:
    """Kill the driver of a search at random instants, go on with it, and count what was lost.

    A small search on digits runs once undisturbed, as the reference. Then a fresh run of it is begun for
    every kill, by turns with one and with two workers. Its driver is killed with SIGKILL at an instant drawn
    evenly over the time that the reference took, and the same command goes on with it to the end at once. One
    kill in four is aimed instead: it comes when the store is being made, weights are being written, or the
    last training has begun.

    Lost is what was kept, or said to be kept, before the kill and is missing, changed or damaged in the end.
    Repeated is what was worked on twice: its seconds are others. The archive is equal where entries, front,
    architectures, scores, steps and the weights of the best model are those of the reference, bit for bit.
    Orphans are processes that live half a minute longer than their driver; leftovers are temporary files.

    A kill takes about ten seconds. The seed gives the fractions of the reference's time at which kills come;
    what a run is about to do then depends on the machine.

    Example: python -m graftwork.testing faults --kills 50 --seed 1

    Example: python -m graftwork.testing faults --kills 4 --seed 1 --json
    """
    with progress_bar("kills") as progress:
        found = check_kills(kills, seed, progress=progress)
    if as_json:
        print(json.dumps({"seed": seed} | found.payload(), indent=2))
    else:
        _print(found)
    raise typer.Exit(1 if found.broken else 0)


def _print(found: Kills) -> None:
    from rich.console import Console
    from rich.table import Table

    console, payload = Console(highlight=False), found.payload()
    phases = Table("where the run stood", title=f"{payload['kills']:,} kills", title_justify="left")
    phases.add_column("kills", justify="right")
    for name, count in payload["phases"].items():
        phases.add_row(name, f"{count:,}")
    console.print(phases)
    for name in ("lost", "repeated", "failed", "orphans", "leftovers"):
        console.print(f"{name}: {payload[name]:,}")
    console.print(f"archive equal: {'yes' if payload['archive_equal'] else 'no'}")
    if found.reference:
        console.print(f"one and two workers differ, unharmed, in: {', '.join(found.reference)}")
    for kill in found.kills:
        if kill.broken:
            console.print(_told(kill), markup=False, soft_wrap=True)


def _told(kill: Kill) -> str:
    named = {
        "lost": kill.lost,
        "repeated": kill.repeated,
        "differs in": kill.differs,
        "left over": kill.leftovers,
        "failed": [kill.failed] if kill.failed else [],
        "orphans": [str(kill.orphans)] if kill.orphans else [],
    }
    what = "; ".join(f"{name} {', '.join(items)}" for name, items in named.items() if items)
    return f"kill {kill.number}, {kill.workers} worker(s), {kill.instant:.2f} s, {kill.phase}: {what}"

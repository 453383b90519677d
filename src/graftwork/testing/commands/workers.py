"""`python -m graftwork.testing workers`: workers that die, hang or run out of memory in a search."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from graftwork.testing.commands._progress import progress_bar
from graftwork.testing.faults.workers import check_workers, workers_payload

NAME = "workers"


def run(
    count: Annotated[int, typer.Option("--faults", min=1, help="Runs that each kind of fault strikes.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="Root of which candidate is struck, and when.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object for machines.")] = False,
) -> None:
    """Strike workers in the middle of a search, and count what it costs.

    In every run of a small search on digits by two workers, one candidate is struck: its worker is killed
    with SIGKILL, hangs until its limit of time ends it, or asks for memory until its limit of address space
    refuses. Lost are other candidates that failed. The archive is equal where candidates, front, scores,
    steps and the weights of the best model are, bit for bit, those of a run in one process in which the same
    candidate came to nothing for the same reason.

    Example: python -m graftwork.testing workers --faults 10 --seed 1
    """
    with progress_bar("faults") as progress:
        struck = check_workers(count, seed, progress=progress)
    payload = workers_payload(struck)
    if as_json:
        print(json.dumps({"seed": seed, **payload}, indent=2))
    else:
        _print(payload)
    raise typer.Exit(1 if any(each.broken for each in struck) else 0)


def _print(payload: dict[str, dict[str, object]]) -> None:
    from rich.console import Console
    from rich.table import Table

    names = ("runs", "lost", "archive_equal", "broken", "longest")
    table = Table("fault", *names, "reasons")
    for fault, figures in payload.items():
        reasons = figures["reasons"]
        assert isinstance(reasons, list)
        table.add_row(fault, *(str(figures[name]) for name in names), "; ".join(reasons))
    Console(highlight=False).print(table)

"""`graftwork gc`: remove weights that nothing needs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from graftwork.cli._console import Voice
from graftwork.cli.options import Json, Quiet

NAME = "gc"


def run(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a search, study or comparison.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be removed, and remove nothing.")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Remove weights that no entry of a run names, and those left half-written.

    A run that is killed at the wrong moment leaves them behind. Refused while a process writes to the run.

    Example: graftwork gc run --dry-run
    """
    from graftwork.store import collect

    voice = Voice(as_json, quiet)
    collected = collect(folder, dry_run=dry_run)
    for name in collected.files:
        voice.say(name)
    voice.say(
        f"{'Would remove' if dry_run else 'Removed'} "
        f"{_counted(len(collected.files))}, {collected.bytes} bytes"
    )
    voice.value({"files": list(collected.files), "bytes": collected.bytes, "removed": not dry_run})


def _counted(files: int) -> str:
    return "1 file" if files == 1 else f"{files} files"

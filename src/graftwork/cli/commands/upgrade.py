"""`graftwork upgrade`: bring a run of an earlier version up to date."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from graftwork.cli._console import Voice
from graftwork.cli.options import Json, Quiet

NAME = "upgrade"


def run(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a search, study or comparison.")],
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Bring the database of a run that an earlier Graftwork made up to date.

    The old file is kept beside the new one. Refused while a process writes to the run.

    Example: graftwork upgrade run
    """
    from graftwork.store import upgrade

    voice = Voice(as_json, quiet)
    old = upgrade(folder)
    voice.say(f"{folder} is up to date" + (f"; what it was is in {old}" if old else ""))
    voice.value({"folder": str(folder), "before": None if old is None else str(old)})

"""`graftwork report`: one self-contained HTML page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from graftwork.cli._console import Voice
from graftwork.cli.options import Json, Quiet

NAME = "report"


def run(
    folder: Annotated[Path, typer.Argument(metavar="RUN|STUDY|COMPARISON", help="What to report on.")],
    out: Annotated[
        Path | None, typer.Option(help="File to write; report.html in the folder unless told.")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write one self-contained HTML page about a search, a study or a comparison.

    Example: graftwork report run --out report.html
    """
    from graftwork.report import write_report

    voice = Voice(as_json, quiet)
    path = write_report(folder, out=out)
    voice.say(f"Report written to '{path}'")
    voice.value({"report": str(path)})

"""`graftwork guidelines`: deduce and print guidelines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from graftwork.cli._console import Voice
from graftwork.cli.options import Json, Quiet

NAME = "guidelines"


def run(
    studies: Annotated[list[Path], typer.Argument(metavar="STUDY...", help="Folders of finished studies.")],
    out: Annotated[
        Path | None, typer.Option(help="File to write them to, as JSON; never overwritten.")
    ] = None,
    alpha: Annotated[float, typer.Option(help="Largest false discovery rate.")] = 0.1,
    seed: Annotated[
        int | None,
        typer.Option(min=0, help="Seed of the halves of the parents; the study's own unless given."),
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Deduce the guidelines that studies support.

    Hypotheses are searched on one half of the parents; the other half tests them, and only what survives
    a correction for the number of tests is kept. None may survive, which is then said.

    Example: graftwork guidelines study --out guidelines.json
    """
    from graftwork.cli._tables import print_guidelines
    from graftwork.cli._work import refuse_existing, write_text
    from graftwork.guidelines import deduce
    from graftwork.study import load_study

    voice = Voice(as_json, quiet)
    if out is not None:
        refuse_existing(out)
    found = deduce([load_study(folder) for folder in studies], alpha=alpha, seed=seed)
    if out is not None:
        write_text(out, found.to_json())
    print_guidelines(voice, found)
    voice.value(json.loads(found.to_json()))

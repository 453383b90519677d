"""`graftwork init`: a first problem file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from graftwork.cli._console import Voice
from graftwork.cli.options import Json, Quiet
from graftwork.errors import InputError

NAME = "init"


def run(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="A CSV, Parquet or NPZ file.")],
    out: Annotated[Path, typer.Option(help="The problem file, which must not exist yet.")] = Path(
        "problem.toml"
    ),
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Look at data and write a first problem file, to be corrected by hand.

    Example: graftwork init penguins.csv --out penguins.toml
    """
    from graftwork.cli._work import refuse_existing, write_text
    from graftwork.problem.files import guess

    voice = Voice(as_json, quiet)
    if out.suffix.lower() != ".toml":
        raise InputError(f"--out '{out}': expected a name that ends in .toml, by which it is known again")
    refuse_existing(out)
    found = guess(data, out)
    write_text(out, found.text)
    for reason in found.reasons:
        voice.say(f"- {reason}")
    voice.say(f"Written to '{out}'. Correct it, then: graftwork search {out} --out run")
    voice.value({"out": str(out), "reasons": list(found.reasons), "problem": found.text})

"""`graftwork export`: a model of a run as files that answer without Graftwork."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from graftwork.cli._console import Voice
from graftwork.cli.commands.diagnose import Candidate
from graftwork.cli.options import Json, Quiet, RunFolder

NAME = "export"


def run(
    run: RunFolder,
    out: Annotated[
        Path, typer.Option("--out", metavar="FOLDER", help="Folder to write, which must not exist yet.")
    ],
    format: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="onnx (graftwork\\[onnx]), or torch: programs of torch.export, weights and architecture.",
        ),
    ] = "onnx",
    candidate: Candidate = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write a model with its preprocessing inside, and check that the files answer as it does.

    The data that the run was begun with need not be there.

    Example: graftwork export run --format onnx --out model
    """
    from graftwork.cli._work import run_and_interface, run_model
    from graftwork.export import export_model, named_format

    voice = Voice(as_json, quiet)
    chosen = named_format(format)
    result, asked = run_and_interface(run)
    exported = export_model(run_model(result, run, candidate), asked, out, format=chosen)
    rows = [[name, f"{found:.1e}"] for name, found in exported.differences.items()]
    voice.table("What the files answer, against the model", ["output", "greatest difference"], rows)
    voice.say(
        f"Checked on {exported.rows} random rows: differences of probabilities, and of numbers in units of "
        f"their deviation, are at most {exported.greatest:.1e}; {exported.tolerance:g} would be let pass."
    )
    voice.say(f"{', '.join(exported.files)} written to '{out}'")
    voice.value(
        {
            "problem": asked.name,
            "candidate": result.best.number if candidate is None else candidate,
            "format": chosen,
            "out": str(out),
            "files": list(exported.files),
            "rows": exported.rows,
            "differences": dict(exported.differences),
            "tolerance": exported.tolerance,
        }
    )
